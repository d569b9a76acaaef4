package seal_test

import (
	"bytes"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/cluster/seal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

// A signature is for one message on one channel.
func TestSeals(t *testing.T) {
	t.Parallel()
	ours, theirs := seal.New([]byte("key")), seal.New([]byte("another key"))
	signed := ours.Sign("user:1", []byte("message"))
	if message, ok := ours.Open("user:1", signed); !ok || string(message) != "message" {
		t.Errorf("got %q, %t, want the message", message, ok)
	}
	if _, ok := ours.Open("user:2", signed); ok {
		t.Error("it was taken on another channel")
	}
	if _, ok := theirs.Open("user:1", signed); ok {
		t.Error("it was taken with another key")
	}
	for i := range signed {
		forged := bytes.Clone(signed)
		forged[i] ^= 1
		if _, ok := ours.Open("user:1", forged); ok {
			t.Errorf("it was taken with byte %d changed", i)
		}
	}
	if _, ok := ours.Open("user:1", nil); ok {
		t.Error("nothing was taken")
	}
}

func TestStamp(t *testing.T) {
	t.Parallel()
	want := seal.Stamp{From: domain.ID{1, 15: 2}, At: 1_750_000_000_123, Number: 1 << 40}
	if got := want.Append(nil); len(got) != seal.StampSize || seal.ReadStamp(got) != want {
		t.Errorf("got %d bytes, %+v, want %+v", len(got), seal.ReadStamp(got), want)
	}
}

// TestNews: nothing is taken twice, however long one waits, and nothing that is far from now.
func TestNews(t *testing.T) {
	t.Parallel()
	start := time.UnixMilli(1_750_000_000_000)
	var m seal.Memory
	for _, step := range []struct {
		what    string
		now, at time.Duration // after the start
		from    byte
		number  uint64
		want    bool
	}{
		{"the first", 0, 0, 1, 5, true},
		{"the same", 0, 0, 1, 5, false},
		{"an earlier one", 0, 0, 1, 4, false},
		{"the next", 0, 0, 1, 6, true},
		{"another's", 0, 0, 2, 1, true},
		{"one of a clock that is behind", 0, -30 * time.Second, 3, 1, true},
		{"one that is too old", 0, -30*time.Second - time.Millisecond, 4, 1, false},
		{"one of a clock that is ahead", 0, 30 * time.Second, 5, 1, true},
		{"one of a clock that is too far ahead", 0, 30*time.Second + time.Millisecond, 4, 1, false},
		{"the same once its clock went back", 0, 0, 5, 2, true},
		{"another's, which makes room", 45 * time.Second, 45 * time.Second, 6, 1, true},
		{"the first after a while", 45 * time.Second, 0, 1, 6, false},
		{"what came ahead of time, after a while", 45 * time.Second, 30 * time.Second, 5, 1, false},
		{"the one after it", 45 * time.Second, 45 * time.Second, 5, 3, true},
		{"one who was forgotten", 45 * time.Second, 45 * time.Second, 1, 7, true},
	} {
		s := seal.Stamp{From: domain.ID{step.from}, At: start.Add(step.at).UnixMilli(), Number: step.number}
		if got := m.News(s, start.Add(step.now)); got != step.want {
			t.Errorf("%s: got %t, want %t", step.what, got, step.want)
		}
	}
}

// TestManySenders: there is a bound to how many are remembered, and room again once they are too old.
func TestManySenders(t *testing.T) {
	t.Parallel()
	now, taken := time.UnixMilli(1_750_000_000_000), 0
	var m seal.Memory
	for i := range 1_000 {
		if m.News(seal.Stamp{From: domain.ID{byte(i), byte(i >> 8), 1}, At: now.UnixMilli(), Number: 1}, now) {
			taken++
		}
	}
	if taken != 256 {
		t.Errorf("senders: got %d, want 256", taken)
	}
	later := now.Add(time.Minute)
	if !m.News(seal.Stamp{From: domain.ID{9, 9, 9}, At: later.UnixMilli(), Number: 1}, later) {
		t.Error("there is no room a minute later")
	}
}

// TestReadKey: the migrations make a key.
func TestReadKey(t *testing.T) {
	t.Parallel()
	key, err := seal.ReadKey(t.Context(), pgtest.New(t).SQL)
	if err != nil || len(key) != 32 {
		t.Errorf("got %d bytes, %v, want 32", len(key), err)
	}
	if _, err := seal.ReadKey(t.Context(), pgtest.Empty(t).SQL); err == nil {
		t.Error("a key was read where there is none")
	}
}
