package fleet

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections/view"
	"chainmail/transport/auth"
	"chainmail/transport/command"
)

// Account is a user, and a token that is good for the whole run.
type Account struct {
	ID    domain.ID
	Token string
}

// refreshing is a view that nobody keeps up to date: it reads the log when somebody waits for it.
type refreshing struct{ *view.View }

func (r refreshing) Wait(ctx context.Context, _ domain.Position) error { return r.Refresh(ctx) }

// Register makes accounts with these names.
func (f *Fleet) Register(ctx context.Context, names []string) (_ []Account, err error) {
	keys, err := auth.New(auth.Config{Secrets: [][]byte{[]byte(f.secret)}})
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	log, err := eventstore.Open(ctx, f.Postgres.DSN(), quiet)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	var work errgroup.Group
	work.Go(func() error { return log.Run(running) })
	defer func() {
		stop()
		err = errors.Join(err, work.Wait(), log.Close())
	}()
	state, err := view.Load(ctx, log, quiet)
	if err != nil {
		return nil, err
	}
	commands := command.New(log, refreshing{state}, nil, quiet)
	defer commands.Close()
	accounts := make([]Account, len(names))
	group, registering := errgroup.WithContext(ctx)
	group.SetLimit(64) // they share commits
	for i, name := range names {
		group.Go(func() error {
			id, err := commands.Register(registering, domain.RegisterUser{
				Actor: domain.Actor{Auth: domain.AuthCLI}, Name: name, Role: domain.RoleMember,
			})
			if err != nil {
				return err
			}
			token, _, err := keys.Mint(auth.Grant{Subject: id, Type: auth.Access, TTL: 24 * time.Hour}, time.Now())
			accounts[i] = Account{id, token}
			return err
		})
	}
	return accounts, group.Wait()
}

// Events reads the whole log.
func (f *Fleet) Events(ctx context.Context) (all []domain.Event, err error) {
	log, err := eventstore.Open(ctx, f.Postgres.DSN(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	for after := domain.Position(0); ; after = all[len(all)-1].Position {
		events, err := log.Read(ctx, after, 2000)
		if err != nil || len(events) == 0 {
			return all, err
		}
		all = append(all, events...)
	}
}
