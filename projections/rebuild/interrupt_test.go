package rebuild_test

import (
	"context"
	"errors"
	"testing"

	"chainmail/domain"
	"chainmail/projections/rebuild"
)

// One who ends the context is told that nothing was done, at whichever stage.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 500)
	p := messages()
	want := project(t, l, p)
	for _, stage := range []rebuild.Stage{rebuild.StageFill, rebuild.StageFinish, rebuild.StageSwap, rebuild.StageCompare} {
		ctx, cancel := context.WithCancel(t.Context())
		stop := func(p rebuild.Progress) {
			if p.Stage == stage {
				cancel()
			}
		}
		var err error
		if stage == rebuild.StageCompare {
			_, err = rebuild.Verify(ctx, l, p, stop)
		} else {
			_, err = rebuild.Run(ctx, l, p, stop)
		}
		var interrupted *rebuild.InterruptedError
		if !errors.As(err, &interrupted) || interrupted.Projection != p.Name || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want an InterruptedError", stage, err)
		}
		if got := sum(t, l, p); got != want {
			t.Errorf("%s: the live tables are %+v, want %+v", stage, got, want)
		}
		if err != nil && err.Error() != "interrupted; the tables of messages are as they were" {
			t.Errorf("%s: got %q", stage, err)
		}
		cancel()
		eventually(t, "the lock is free, and a next one clears up", func() bool {
			_, err := rebuild.Run(t.Context(), l, p, nil)
			return err == nil
		})
	}
	wantClean(t, l.DB())
}

// What went wrong by itself is told, though the context has ended since.
func TestEndedContextHidesNothing(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	slip := errors.New("a slip")
	p := tally(t, l, func([]domain.Event) error {
		cancel()
		return slip
	})
	_, err := rebuild.Run(ctx, l, p, nil)
	var interrupted *rebuild.InterruptedError
	if !errors.Is(err, slip) || errors.As(err, &interrupted) {
		t.Errorf("got %v, want the slip", err)
	}
}

// A commit that fails is told apart: it may have taken effect.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 100)
	p := messages()
	want := project(t, l, p)
	for _, statement := range []string{
		`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused''; END'`,
		`CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON projection_offsets DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`,
	} {
		exec(t, l.DB(), statement)
	}
	_, err := rebuild.Run(t.Context(), l, p, nil)
	var commit *rebuild.CommitError
	if !errors.As(err, &commit) || commit.Projection != p.Name {
		t.Errorf("got %v, want a CommitError", err)
	}
	if got := sum(t, l, p); got != want {
		t.Errorf("the live tables are %+v, want %+v", got, want)
	}
	wantClean(t, l.DB())
}
