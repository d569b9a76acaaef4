package fanout

import (
	"bytes"
	"context"
	"flag"
	"reflect"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/seal"
)

// TestMain lets more tests run at once than there are processors: most of the time they wait.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(pgtest.Runner{M: m})
}

func drawID(t *rapid.T) (id domain.ID) {
	copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	id[0] |= 1 // not zero
	return id
}

func drawBytes(t *rapid.T) []byte {
	if rapid.Bool().Draw(t, "nil") {
		return nil
	}
	return append([]byte{}, rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")...)
}

// Read undoes append, and what is cut short or longer is refused.
func TestEncoding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := domain.Event{
			Position: domain.Position(rapid.Int64Min(1).Draw(t, "position")), ID: drawID(t), Stream: domain.StreamID(rapid.String().Draw(t, "stream")),
			Version: domain.Version(rapid.Int64Min(0).Draw(t, "version")), Type: domain.Type(rapid.String().Draw(t, "type")),
			Payload: drawBytes(t), Metadata: drawBytes(t), Body: drawBytes(t),
			RecordedAt: time.UnixMicro(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "time")).UTC(),
		}
		epoch := rapid.Int64Min(0).Draw(t, "epoch")
		message := appendEvent(nil, epoch, e)
		if gotEpoch, got, err := readEvent(message); err != nil || gotEpoch != epoch || !reflect.DeepEqual(got, e) {
			t.Fatalf("got %+v of epoch %d, %v, want %+v of %d", got, gotEpoch, err, e, epoch)
		}
		cut := rapid.IntRange(header, len(message)-1).Draw(t, "cut")
		if _, _, err := readEvent(message[:cut]); err == nil {
			t.Fatalf("%d of %d bytes were read", cut, len(message))
		}
		if _, _, err := readEvent(append(message, 0)); err == nil {
			t.Fatal("a byte more was read")
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		m := marker{epoch: rapid.Int64Min(0).Draw(t, "epoch"), from: 7, to: 9, readLog: rapid.Bool().Draw(t, "read")}
		for range rapid.IntRange(0, 3).Draw(t, "counts") {
			m.counts = append(m.counts, count{channel{toRoom, drawID(t)}, rapid.IntRange(1, 1<<40).Draw(t, "events")})
		}
		if got, err := readMarker(appendMarker(nil, m)); err != nil || !reflect.DeepEqual(got, m) {
			t.Fatalf("got %+v, %v, want %+v", got, err, m)
		}
	})
}

// Whatever is read, nothing panics.
func FuzzRead(f *testing.F) {
	f.Add(appendEvent(nil, 1, domain.Event{Position: 3, Body: []byte("x")}))
	f.Add(appendMarker(nil, marker{counts: []count{{channel{toUser, domain.ID{1}}, 2}}}))
	f.Fuzz(func(t *testing.T, message []byte) {
		if len(message) < header {
			return
		}
		_, _, _ = readEvent(message)
		_, _ = readMarker(message)
		newBus(nil, names{}, nil, domain.ID{1}, nil).take(message)
	})
}

// What somebody repeats whom Redis lets publish is not heard again, not even once its server was silent for long.
func TestRepeatedWords(t *testing.T) {
	t.Parallel()
	b, now := newBus(nil, names{}, nil, domain.ID{1}, nil), time.Now()
	take := func(at time.Time, number uint64, body string) {
		stamp := seal.Stamp{From: domain.ID{2}, At: at.UnixMilli(), Number: number}
		b.take(appendWord(nil, posted{stamp, cluster.Word{Kind: cluster.Typing, Body: []byte(body)}})[header:])
	}
	take(now.Add(-2*time.Minute), 1, "of a server that was forgotten")
	take(now, 2, "first")
	take(now, 2, "first again")
	take(now, 1, "an earlier one")
	take(now.Add(time.Minute), 3, "ahead of time")
	take(now, 3, "last")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	var got []string
	_ = b.Run(ctx, func(w cluster.Word) {
		if got = append(got, string(w.Body)); w.From != (domain.ID{2}) || len(b.in) == 0 {
			cancel()
		}
	})
	cancel()
	if want := []string{"first", "last"}; !slices.Equal(got, want) {
		t.Errorf("heard: got %q, want %q", got, want)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	id := domain.ID{0: 1, 15: 11}
	for _, test := range []struct {
		names names
		c     channel
		want  string
	}{
		{names{"chainmail:", 1}, channel{toUser, id}, "chainmail:user:01000000-0000-0000-0000-00000000000b"},
		{names{"chainmail:", 1}, broadcast, "chainmail:broadcast"},
		{names{"", 1}, channel{toProject, id}, "project:01000000-0000-0000-0000-00000000000b"},
		{names{"a:", 8}, channel{toTask, id}, "a:{3}:task:01000000-0000-0000-0000-00000000000b"},
		{names{"a:", 8}, channel{toRoom, id}, "a:{3}:room:01000000-0000-0000-0000-00000000000b"},
		{names{"a:", 8}, broadcast, "a:{0}:broadcast"},
	} {
		if got := test.names.name(test.c); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		if got, ok := test.names.parse(test.names.lane(test.c), test.want); !ok || got != test.c {
			t.Errorf("%s: got %v, %t, want %v", test.want, got, ok, test.c)
		}
	}
	for _, other := range []string{"", "user:1", "chainmail:user:1", "chainmail:user:", "chainmail:other", "chainmail:broadcast:"} {
		if c, ok := (names{"chainmail:", 1}).parse(0, other); ok {
			t.Errorf("%q: got %v, want none", other, c)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		url         string
		ok, cluster bool
	}{
		{"redis://localhost", true, false},
		{"rediss://:secret@redis.example.org:6380/2?read_timeout=5s", true, false},
		{"unix:///run/redis.sock", true, false},
		{"redis://sentinel:26379?master_name=main&addr=other:26379", true, false},
		{"redis://a:7000?addr=b:7000&addr=c:7000", true, true},
		{"http://localhost:s3cret@x", false, false},
		{"redis://localhost?nonsense=s3cret", false, false},
		{"redis://:s3cret@local host", false, false},
	} {
		client, cluster, err := Connect(test.url)
		if err == nil {
			_ = client.Close()
		}
		if (err == nil) != test.ok || cluster != test.cluster {
			t.Errorf("%s: got cluster %t, error %v", test.url, cluster, err)
		}
		if err != nil && bytes.Contains([]byte(err.Error()), []byte("s3cret")) {
			t.Errorf("%s: the error tells of it: %v", test.url, err)
		}
	}
	for _, prefix := range []string{"a{b}", "a b", string(make([]byte, 65))} {
		if CheckPrefix(prefix) == nil {
			t.Errorf("%q is taken", prefix)
		}
	}
	if err := CheckPrefix("chainmail:"); err != nil {
		t.Error(err)
	}
}

// A lane that holds more than it may drops all of it: the next batch does not follow on the last.
func TestFullInbox(t *testing.T) {
	t.Parallel()
	in, now := newInbox(1), time.Now()
	in.connected(0, now)
	in.marker(0, marker{epoch: 1, from: 0, to: 1}, 10, now)
	if _, state := in.next(0, now); state != some {
		t.Fatalf("got %v, want a batch", state)
	}
	in.event(0, 1, arrival{channel{toUser, domain.ID{1}}, domain.Event{Position: 2}}, maxPending)
	if _, state := in.next(0, now); state != nothing {
		t.Errorf("got %v, want nothing", state)
	}
	in.marker(0, marker{epoch: 1, from: 1, to: 2}, 10, now)
	if _, state := in.next(0, now); state != gap {
		t.Errorf("got %v, want a gap", state)
	}
}

// Who was the publisher once is not believed any more.
func TestLowerEpoch(t *testing.T) {
	t.Parallel()
	in, now := newInbox(1), time.Now()
	in.connected(0, now)
	in.marker(0, marker{epoch: 2, from: 0, to: 1}, 10, now)
	in.marker(0, marker{epoch: 1, from: 1, to: 2}, 10, now)
	if _, state := in.next(1, now); state != nothing {
		t.Errorf("got %v, want nothing", state)
	}
	in.event(0, 1, arrival{channel{toUser, domain.ID{1}}, domain.Event{Position: 2}}, 10)
	in.marker(0, marker{epoch: 3, from: 1, to: 2, counts: []count{{channel{toUser, domain.ID{1}}, 1}}}, 10, now)
	b, state := in.next(1, now)
	if state != some || len(b.parts[0].events) != 0 {
		t.Errorf("got %+v, %v, want a batch without the old publisher's event", b, state)
	}
}
