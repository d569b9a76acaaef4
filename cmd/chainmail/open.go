package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections/view"
	"chainmail/transport/command"
)

// session is what a command that appends needs: the log, and the one way in.
type session struct {
	database *database
	log      *eventstore.Log
	created  *domain.LogCreated
	view     *view.View
	commands *command.Service
	stop     func() error
}

// openSession connects, migrates where it may, creates an empty log's first event and loads the view.
func openSession(
	ctx context.Context, d *databaseFlags, k *logKeyFlags, logger *slog.Logger,
) (_ *session, err error) {
	s := new(session)
	if s.database, err = d.connect(ctx, logger); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err = s.database.migrate(ctx); err != nil {
		return nil, err
	}
	if s.log, err = eventstore.Open(ctx, s.database.dsn, logger); err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- s.log.Run(running) }() // close waits for it
	s.stop = func() error { cancel(); return <-ended }
	if s.created, err = k.createLog(ctx, d, s.log); err != nil {
		return nil, err
	}
	if s.view, err = view.Load(ctx, s.log, logger); err != nil {
		return nil, fmt.Errorf("load the view: %w", err)
	}
	s.commands = command.New(s.log, refreshing{s.view}, nil, logger)
	return s, nil
}

func (s *session) close() error {
	var errs []error
	if s.commands != nil {
		s.commands.Close()
	}
	if s.stop != nil {
		errs = append(errs, s.stop())
	}
	if s.log != nil {
		errs = append(errs, s.log.Close())
	}
	return errors.Join(append(errs, s.database.close())...)
}

// refreshing is a view that nobody keeps up to date: it reads the log when somebody waits for it.
type refreshing struct{ *view.View }

func (r refreshing) Wait(ctx context.Context, _ domain.Position) error { return r.Refresh(ctx) }
