package rebuild_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/projections"
	"chainmail/projections/batches"
	"chainmail/projections/rebuild"
)

func TestRebuiltIsWhatBatchesMade(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2} {
		l, w := openWorld(t, seed, 3000)
		all := append(work(), messages())
		if err := say(t.Context(), l, w, 200); err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			want := project(t, l, p)
			if got := mustRun(t, l, p); got != l.Head() {
				t.Errorf("%s: at %d, want %d", p.Name, got, l.Head())
			}
			if got := sum(t, l, p); got != want {
				t.Errorf("%s: rebuilt %+v, want %+v", p.Name, got, want)
			}
			wantEqual(t, l, p)
		}
		wantClean(t, l.DB())
		if err := say(t.Context(), l, w, 200); err != nil { // and it goes on from there
			t.Fatal(err)
		}
		for _, p := range all {
			project(t, l, p)
			wantEqual(t, l, p)
		}
		const rows = `
			SELECT (SELECT count(*) FROM projects) > 2 AND (SELECT count(DISTINCT status) FROM tasks) > 3
				AND count(*) FILTER (WHERE is_read) > 10 AND count(*) FILTER (WHERE NOT is_read) > 10
			FROM notifications`
		if got := text(t, l.DB(), rows); got != "true" {
			t.Error("the world has too little work in it")
		}
	}
}

func TestTwoLogsAlikeGiveEqualSums(t *testing.T) {
	t.Parallel()
	p := messages()
	one, _ := openWorld(t, 7, 1000)
	other, _ := openWorld(t, 7, 1000)
	mustRun(t, one, p)
	want := sum(t, one, p)
	if got := project(t, other, p); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	different, _ := openWorld(t, 8, 1000)
	mustRun(t, different, p)
	if got := sum(t, different, p); got.Sum == want.Sum {
		t.Error("another log has the same sum")
	}
}

func TestEmptyLog(t *testing.T) {
	t.Parallel()
	l := openLog(t)
	for _, p := range append(work(), messages(), batches.Projection()) {
		wantEqual(t, l, p)
		if got := text(t, l.DB(), `SELECT count(*) FROM projection_offsets WHERE projection = $1`, p.Name); got != "0" {
			t.Error("comparing made an offset row")
		}
		if got := mustRun(t, l, p); got != 0 {
			t.Errorf("%s: at %d, want 0", p.Name, got)
		}
		wantEqual(t, l, p)
	}
	wantClean(t, l.DB())
}

// A projection that no server ever ran begins with a rebuild, whether or not anybody writes.
func TestNewProjection(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 1, 500)
	p := tally(t, l, nil)
	mustRun(t, l, p)
	r, _ := run(t, l, p)
	if err := say(t.Context(), l, w, 50); err != nil {
		t.Fatal(err)
	}
	catchUp(t, r, l, p.Name)
	if got, want := text(t, l.DB(), `SELECT sum(events) FROM tally`), text(t, l.DB(), `SELECT count(*) FROM events`); got != want {
		t.Errorf("counted %s of %s events", got, want)
	}
}

// A projection of few types is fed those alone.
func TestTypes(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 500)
	p := tally(t, l, nil)
	p.Types = []domain.Type{domain.TypeUserRegistered}
	if got := mustRun(t, l, p); got != l.Head() {
		t.Errorf("at %d, want %d", got, l.Head())
	}
	if got := text(t, l.DB(), `SELECT string_agg(type || events, ',') FROM tally`); got != "UserRegistered100" {
		t.Errorf("counted %s, want UserRegistered100", got)
	}
}

// What a projection cannot apply is named, and the live tables stay.
func TestEventThatCannotBeApplied(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 500)
	p := tally(t, l, nil)
	project(t, l, p)
	want := sum(t, l, p)
	bad := errors.New("no such thing")
	_, err := rebuild.Run(t.Context(), l, tallyOf(1, func(events []domain.Event) error {
		for _, e := range events {
			if e.Position == 321 {
				return bad
			}
		}
		return nil
	}), nil)
	var apply *rebuild.ApplyError
	if !errors.As(err, &apply) || apply.Position != 321 || !errors.Is(err, bad) {
		t.Errorf("got %v, want that 321 cannot be applied", err)
	}
	if got := sum(t, l, p); got != want {
		t.Errorf("the live tables are %+v, want %+v", got, want)
	}
	wantClean(t, l.DB())
}

func TestUnknownEventType(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 100)
	exec(t, l.DB(), `
		INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, recorded_at, leaf_hash)
		SELECT max(position) + 1, gen_random_uuid(), 'x', 1, 'BananaPeeled', '{}', '{"schema_version":1,"auth":"system"}', now(), sha256('')
		FROM events`)
	_, err := rebuild.Run(t.Context(), l, messages(), nil)
	if !errors.Is(err, domain.ErrUnknownType) || !strings.Contains(err.Error(), "BananaPeeled at position ") {
		t.Errorf("got %v, want that BananaPeeled is newer", err)
	}
	// For one of some types it may matter too, but for one that is closed.
	p := tally(t, l, nil)
	project(t, l, p)
	p.Types = []domain.Type{domain.TypeMessageSent}
	for _, closed := range []bool{false, true} {
		p.Closed = closed
		if _, err := rebuild.Run(t.Context(), l, p, nil); errors.Is(err, domain.ErrUnknownType) == closed || closed && err != nil {
			t.Errorf("closed %t: got %v", closed, err)
		}
	}
}

// A stuck projection is healed by a rebuild whose Apply works.
func TestStuckProjectionIsHealed(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 1, 300)
	p := tally(t, l, nil)
	broken := tallyOf(1, func(events []domain.Event) error {
		if last := events[len(events)-1].Position; last >= 250 {
			return errors.New("a slip")
		}
		return nil
	})
	r, stop := run(t, l, broken)
	if err := r.Wait(t.Context(), p.Name, l.Head()); !errors.Is(err, projections.ErrStuck) {
		t.Fatalf("got %v, want ErrStuck", err)
	}
	stop()
	mustRun(t, l, p)
	if got := text(t, l.DB(), `SELECT concat(position, failure, failed_at) FROM projection_offsets`); got != text(t, l.DB(), `SELECT max(position) FROM events`) {
		t.Errorf("the offset row is %s", got)
	}
	if err := say(t.Context(), l, w, 20); err != nil {
		t.Fatal(err)
	}
	project(t, l, p)
	wantEqual(t, l, p)
}

// One rebuild of a projection runs at a time; the second says so.
func TestTwiceAtOnce(t *testing.T) {
	t.Parallel()
	db, _ := makeWorld(t, 1, 100)
	l := eventstoretest.Open(t, db.DSN)
	inside, goOn := make(chan struct{}), make(chan struct{})
	p := tally(t, l, nil)
	first := make(chan error, 1)
	go func() {
		once := sync.OnceFunc(func() {
			close(inside)
			<-goOn
		})
		_, err := rebuild.Run(context.Background(), l, p, func(rebuild.Progress) { once() })
		first <- err
	}()
	<-inside
	for name, again := range map[string]func() error{
		"rebuild": func() error { _, err := rebuild.Run(t.Context(), l, p, nil); return err },
		"verify":  func() error { _, err := rebuild.Verify(t.Context(), l, p, nil); return err },
	} {
		var busy *rebuild.BusyError
		if err := again(); !errors.As(err, &busy) || busy.PID == 0 {
			t.Errorf("%s: got %v, want a BusyError with a process", name, err)
		}
	}
	mustRun(t, l, messages()) // another projection is another matter
	close(goOn)
	if err := <-first; err != nil {
		t.Error(err)
	}
	mustRun(t, eventstoretest.Open(t, db.DSN), tallyOf(1, nil)) // it has let go, to whomever
}

// A log that ends before what the live tables have applied was cut.
func TestCutLog(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 100)
	p := messages()
	project(t, l, p)
	exec(t, l.DB(), `UPDATE projection_offsets SET position = position + 5`)
	want := sum(t, l, p)
	var behind *rebuild.BehindError
	if _, err := rebuild.Run(t.Context(), l, p, nil); !errors.As(err, &behind) || behind.Live != behind.Head+5 {
		t.Errorf("Run: got %v, want a BehindError", err)
	}
	if _, err := rebuild.Verify(t.Context(), l, p, nil); !errors.As(err, &behind) {
		t.Errorf("Verify: got %v, want a BehindError", err)
	}
	if got := sum(t, l, p); got != want {
		t.Errorf("the live tables are %+v, want %+v", got, want)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 100)
	var stages []rebuild.Stage
	var last domain.Position
	_, err := rebuild.Run(t.Context(), l, messages(), func(p rebuild.Progress) {
		if len(stages) == 0 || stages[len(stages)-1] != p.Stage {
			stages = append(stages, p.Stage)
		}
		if p.Projection != "messages" || p.Position < last || p.Position > p.Goal {
			t.Errorf("got %+v after %d", p, last)
		}
		last = p.Position
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(stages) != 3 || stages[0] != rebuild.StageFill || stages[1] != rebuild.StageFinish || stages[2] != rebuild.StageSwap {
		t.Errorf("got stages %v", stages)
	}
	if last != l.Head() {
		t.Errorf("ended at %d, want %d", last, l.Head())
	}
}
