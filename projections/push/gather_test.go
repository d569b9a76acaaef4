package push_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chainmail/domain"
	"chainmail/projections/push"
)

// crowd is a group of a starter and others, with a message of the starter's.
func crowd(w *world, others int) (members []domain.ID, m domain.MessageRef) {
	w.tb.Helper()
	for range others + 1 {
		members = append(members, w.user())
	}
	group := w.group("", members[0], members[1:]...)
	return members, w.say(members[0], group, domain.ID{}, "hello")
}

// counts tells of each message_status what it counts, and where.
func counts(tb testing.TB, frames []got) []string {
	tb.Helper()
	var list []string
	for _, g := range frames {
		fields := parse(tb, g.frame)
		if fields["type"] != "message_status" {
			continue
		}
		if fields["user_id"] != nil {
			list = append(list, fmt.Sprintf("%v at %v", fields["status"], fields["position"]))
			continue
		}
		list = append(list, fmt.Sprintf("%v/%v at %v", fields["delivered_count"], fields["read_count"], fields["position"]))
	}
	return list
}

func equal(tb testing.TB, have []string, want ...string) {
	tb.Helper()
	if strings.Join(have, ", ") != strings.Join(want, ", ") {
		tb.Errorf("got  %q\nwant %q", have, want)
	}
}

// TestGathered lets 55 people of a group of 56 acknowledge over five seconds, while the tables
// stand still, lag or keep up.
func TestGathered(t *testing.T) {
	t.Parallel()
	for name, lag := range map[string]func(head domain.Position) domain.Position{
		"tables keep up":     func(head domain.Position) domain.Position { return head },
		"tables lag":         func(head domain.Position) domain.Position { return max(0, head-9) },
		"tables stand still": func(domain.Position) domain.Position { return 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, s := newWorld(t), newSink()
				w.tablesAt = func() domain.Position { return lag(w.Head()) }
				members, m := crowd(w, 55)
				w.ack(members[1], m, false) // before the server starts
				w.ack(members[2], m, true)
				p, _ := pusher(t, w, s, 0)
				defer run(t, p)()
				for _, user := range members[1:51] {
					w.ack(user, m, false)
					time.Sleep(100 * time.Millisecond)
				}
				w.ack(members[3], m, true)
				w.ack(members[55], m, true)
				time.Sleep(5 * time.Second)

				frames := counts(t, s.of(members[0]))
				if len(frames) < 4 || len(frames) > 6 {
					t.Errorf("got %d frames in 6 seconds: %q", len(frames), frames)
				}
				if last, want := frames[len(frames)-1], fmt.Sprintf("51/3 at %d", w.Head()); last != want {
					t.Errorf("got %s at last, want %s", last, want)
				}
				equal(t, counts(t, s.of(members[55])), fmt.Sprintf("read at %d", w.Head()))
				equal(t, counts(t, s.of(members[4])))
			})
		})
	}
}

// TestNotGathered is a conversation of 50: one frame a receipt.
func TestNotGathered(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), newSink()
	members, m := crowd(w, 49)
	p, _ := pusher(t, w, s, 0)
	stop := run(t, p)
	w.ack(members[1], m, false)
	w.ack(members[2], m, true)
	s.wait(w.Head())
	stop()
	equal(t, counts(t, s.of(members[0])), "delivered at 53", "read at 54")
}

// TestGatheredBySizeThen goes by the size at the message's position, not by that of now.
func TestGatheredBySizeThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, s := newWorld(t), newSink()
		p, _ := pusher(t, w, s, 0)
		defer run(t, p)()
		members, small := crowd(w, 49)
		w.add(members[0], small.ConversationID, w.user())
		large := w.say(members[0], small.ConversationID, domain.ID{}, "now we are 51")
		w.remove(members[0], small.ConversationID, members[1])
		w.ack(members[2], small, false)
		w.ack(members[2], large, false)
		time.Sleep(2 * time.Second)
		equal(t, counts(t, s.of(members[0])), "delivered at 57", "1/0 at 58")
	})
}

// failing is a world whose tables cannot be read for a while.
type failing struct {
	*world
	failures atomic.Int32
}

func (f *failing) Receipts(ctx context.Context, messages []domain.ID) ([]push.Receipt, domain.Position, error) {
	if f.failures.Add(-1) >= 0 {
		return nil, 0, errors.New("the database is away")
	}
	return f.world.Receipts(ctx, messages)
}

func TestGatheredAfterFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, s := newWorld(t), newSink()
		members, m := crowd(w, 55)
		_, v := pusher(t, w, s, 0)
		tables := &failing{world: w}
		tables.failures.Store(2)
		p := push.New(w, push.Whole{Tail: &tail{w: w, after: v.Position()}}, v, tables, s, quiet)
		defer run(t, p)()
		w.ack(members[1], m, true)
		time.Sleep(3 * time.Second)
		equal(t, counts(t, s.of(members[0])))
		time.Sleep(time.Second)
		equal(t, counts(t, s.of(members[0])), fmt.Sprintf("1/1 at %d", w.Head()))
	})
}

// TestCatchUpGathered gets counts as of upTo, once a message, at its latest receipt; and, when
// that is at or before since but so young that it may not have been pushed, at upTo.
func TestCatchUpGathered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	members, m := crowd(w, 55) // the message stands at 58
	ann, bob := members[0], members[1]
	w.ack(bob, m, false)        // 59
	w.ack(members[2], m, true)  // 60
	w.ack(bob, m, true)         // 61
	w.ack(members[3], m, false) // 62
	for i := range 600 {        // six seconds
		w.say(bob, m.ConversationID, domain.ID{}, fmt.Sprint(i))
	}
	if w.Head() != 662 {
		t.Fatalf("head is %d", w.Head())
	}
	for _, tc := range []struct {
		name        string
		user        domain.ID
		since, upTo domain.Position
		want        []string
	}{
		{"all", ann, 0, 662, []string{"3/2 at 62"}},
		{"up to the middle", ann, 0, 60, []string{"2/1 at 60"}},
		{"up to the middle, counting who was before since", ann, 59, 61, []string{"2/2 at 61"}},
		{"due by since, perhaps not pushed", ann, 62, 70, []string{"3/2 at 70"}},
		{"due by since, and again", ann, 61, 70, []string{"3/2 at 62"}},
		{"long pushed", ann, 661, 662, nil},
		{"nothing since", ann, 62, 62, nil},
		{"the reader", bob, 0, 662, []string{"read at 61"}},
		{"another", members[4], 0, 662, nil},
	} {
		for _, offset := range []domain.Position{0, 59, 60, 662} {
			t.Run(fmt.Sprintf("%s, tables at %d", tc.name, offset), func(t *testing.T) {
				w.tablesAt = func() domain.Position { return offset }
				p, _ := pusher(t, w, newSink(), 0)
				frames := collect(t, func(emit push.EmitFunc) error {
					return p.CatchUp(t.Context(), tc.user, tc.since, tc.upTo, emit)
				})
				equal(t, counts(t, frames), tc.want...)
			})
		}
	}
}

// TestOldMessages is a server that started after the messages: where it doesn't know how many took
// part then, a conversation that was ever large is taken to have been.
func TestOldMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.user()
	shrunk, busy := w.group("shrunk", ann, w.user()), w.group("busy", ann, w.user())
	for range 50 {
		guest := w.user()
		w.add(ann, shrunk, guest) // they come, and later all go
		w.add(ann, busy, guest)   // they come and go one after the other
		w.remove(ann, busy, guest)
	}
	inShrunk, inBusy := w.say(ann, shrunk, domain.ID{}, "to 52"), w.say(ann, busy, domain.ID{}, "to 2")
	for _, m := range w.state.Conversation(shrunk).Members()[2:] {
		w.remove(ann, shrunk, m.User)
	}
	since := w.Head()
	w.ack(number(2), inShrunk, false)
	w.ack(number(4), inBusy, false)
	p, _ := pusher(t, w, newSink(), 0)
	frames := collect(t, func(emit push.EmitFunc) error { return p.CatchUp(t.Context(), ann, since, w.Head(), emit) })
	equal(t, counts(t, frames), fmt.Sprintf("1/0 at %d", w.Head()-1), fmt.Sprintf("delivered at %d", w.Head()))
}

// TestTablesGoBack swaps in tables that are behind those that were read first.
func TestTablesGoBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	members, m := crowd(w, 55)
	for _, user := range members[1:20] {
		w.ack(user, m, false)
	}
	p, _ := pusher(t, w, newSink(), 0)
	asked := 0
	w.tablesAt = func() domain.Position {
		if asked++; asked == 1 {
			return w.Head()
		}
		return 65
	}
	frames := collect(t, func(emit push.EmitFunc) error { return p.CatchUp(t.Context(), members[0], 0, w.Head(), emit) })
	equal(t, counts(t, frames), fmt.Sprintf("19/0 at %d", w.Head()))
}
