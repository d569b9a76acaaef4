package main

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"time"

	"chainmail/cmd/chaos/fleet"
	"chainmail/cmd/chaos/history"
	"chainmail/domain"
)

// lostReason is what a server says of a log that lacks what it saw.
const lostReason = "the log has lost what was in it"

// lose has a standby take over that lacks the log's end. Every server has to notice and to append nothing, restarted or not, until an
// operator accepts what is left; then all goes on.
func lose(ctx context.Context, r *run) error {
	hold(ctx, 5*time.Second)
	var loss history.Loss
	if err := r.loseEnd(ctx, &loss); err != nil {
		return err
	}
	if err := r.doubt(ctx, loss.Kept); err != nil {
		return err
	}
	for _, s := range r.fleet.Servers {
		if err := s.End(syscall.SIGTERM); err != nil {
			return err
		}
	}
	for _, s := range r.fleet.Servers {
		output, status, err := s.Run(ctx, "checkpoint", "accept")
		if err != nil || status != 0 {
			return fmt.Errorf("accept the log at %s: %d %s: %w", s.Name, status, output, err)
		}
	}
	loss.To = time.Since(r.began)
	r.crowd.Forget(loss.Kept)
	r.loss = &loss
	whole := func() error { return r.mend(ctx) }
	if err := r.step(ctx, "all servers start on what was accepted", whole); err != nil {
		return err
	}
	hold(ctx, 10*time.Second)
	return ctx.Err()
}

// loseEnd ends the primary when its standby has been away for a while.
func (r *run) loseEnd(ctx context.Context, loss *history.Loss) error {
	loss.From = time.Since(r.began)
	if err := r.fleet.Standby.Stop(); err != nil {
		return err
	}
	if err := r.acknowledged(ctx, 50); err != nil {
		return err
	}
	hold(ctx, 3*time.Second) // every server has seen some of it
	lost, err := r.fleet.Postgres.Last(ctx)
	if err != nil {
		return err
	}
	if err := r.fleet.Postgres.Kill(); err != nil {
		return err
	}
	if err := r.fleet.Standby.Start(ctx); err != nil {
		return err
	}
	if err := r.fleet.Promote(ctx); err != nil {
		return err
	}
	kept, err := r.fleet.Postgres.Last(ctx)
	if err != nil {
		return err
	}
	loss.Kept = domain.Position(kept)
	say(r.out, "lost: positions %d to %d", kept+1, lost)
	r.fleet.Lead()
	return nil
}

// doubt checks that all servers are unready because of the loss, also after a restart, and append nothing.
func (r *run) doubt(ctx context.Context, kept domain.Position) error {
	notice := func(s *fleet.Server, when string) {
		if reason := s.AwaitReason(ctx, lostReason); !strings.Contains(reason, lostReason) {
			r.report.find(history.LossUnnoticed, fmt.Sprintf("%s, %s: %s", s.Name, when, reason))
		}
	}
	for _, s := range r.fleet.Servers {
		notice(s, "while it ran")
	}
	hold(ctx, 3*time.Second) // some seals were due, and clients go on sending
	for _, s := range r.fleet.Servers {
		notice(s, "some seconds later")
		if err := s.End(syscall.SIGTERM); err != nil {
			return err
		}
		if err := s.Start(ctx); err != nil {
			return err
		}
		notice(s, "restarted")
	}
	last, err := r.fleet.Postgres.Last(ctx)
	if err != nil {
		return err
	}
	if domain.Position(last) != kept {
		r.report.find(history.LossUnnoticed, fmt.Sprintf("the log went on from %d to %d", kept, last))
	}
	return nil
}
