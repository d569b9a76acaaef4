package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections/checkpoint"
	"chainmail/projections/view"
	"chainmail/transport/command"
)

// session is what a command that appends needs: the log, and the one way in.
type session struct {
	database *database
	log      *eventstore.Log
	kept     *checkpoint.Keeper
	created  *domain.LogCreated
	view     *view.View
	commands *command.Service
	stop     func() error
}

// openSession opens the log for a command that appends, and migrates where it may.
func openSession(ctx context.Context, flags *commonFlags, logger *slog.Logger) (_ *session, err error) {
	s := new(session)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err = s.openLog(ctx, flags, migrateFirst, s.runLog, logger); err != nil {
		return nil, err
	}
	if doubt := s.log.Doubt(); doubt != nil {
		err = finding{fmt.Errorf("%w; see 'chainmail checkpoint show'", doubt)}
		return nil, err
	}
	s.commands = command.New(s.log, refreshing{s.view}, nil, logger)
	return s, nil
}

func migrateFirst(ctx context.Context, d *database) error { return d.migrate(ctx) }

// openReading opens the log for a command that appends nothing, and migrates where it may. The session has no more than that.
func openReading(ctx context.Context, flags *commonFlags, logger *slog.Logger) (*session, error) {
	s := new(session)
	if err := s.reach(ctx, flags, migrateFirst, logger); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// reach connects, prepares the schema and opens the log. What fails leaves the rest to close.
func (s *session) reach(
	ctx context.Context, flags *commonFlags, prepare func(context.Context, *database) error, logger *slog.Logger,
) (err error) {
	if s.database, err = flags.connect(ctx, logger); err != nil {
		return err
	}
	if err = prepare(ctx, s.database); err != nil {
		return err
	}
	s.log, err = s.database.openLog(ctx, logger)
	return err
}

// openLog does what reach does, compares the log with the kept checkpoint, starts it, creates an empty log's first event and
// loads the view. What fails leaves the rest to close. A log that lacks what was seen is open, and takes nothing.
func (s *session) openLog(
	ctx context.Context, flags *commonFlags, prepare func(context.Context, *database) error,
	start func(run func(context.Context) error), logger *slog.Logger,
) (err error) {
	if err = s.reach(ctx, flags, prepare, logger); err != nil {
		return err
	}
	if err = s.recognise(ctx, flags, logger); err != nil {
		return err
	}
	start(s.log.Run)
	if s.created, err = flags.createLog(ctx, &flags.databaseFlags, s.log); err != nil {
		return err
	}
	if s.view, err = view.Load(ctx, s.log, logger); err != nil {
		return fmt.Errorf("load the view: %w", err)
	}
	return nil
}

// recognise compares the log with the kept checkpoint.
func (s *session) recognise(ctx context.Context, flags *commonFlags, logger *slog.Logger) error {
	file, err := flags.checkpointFlags.kept(&flags.databaseFlags)
	if err != nil {
		return err
	}
	s.kept, err = checkpoint.Open(ctx, s.log, file, logger)
	if errors.Is(err, checkpoint.ErrEmpty) {
		return finding{fmt.Errorf("%w; restore the log, or see 'chainmail checkpoint show' and 'chainmail checkpoint accept'", err)}
	}
	return err
}

// runLog runs the log until close.
func (s *session) runLog(run func(context.Context) error) {
	running, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(running) }() // close waits for it
	s.stop = func() error { cancel(); return <-ended }
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
	if s.database != nil {
		errs = append(errs, s.database.close())
	}
	return errors.Join(errs...)
}

// refreshing is a view that nobody keeps up to date: it reads the log when somebody waits for it.
type refreshing struct{ *view.View }

func (r refreshing) Wait(ctx context.Context, _ domain.Position) error { return r.Refresh(ctx) }
