package cluster_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/transport/cluster"
)

func TestParseUndoesAppend(t *testing.T) {
	t.Parallel()
	id := rapid.Custom(func(t *rapid.T) domain.ID {
		return domain.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	})
	rapid.Check(t, func(t *rapid.T) {
		want := cluster.Word{From: id.Draw(t, "from"), Kind: cluster.Kind(rapid.Byte().Draw(t, "kind"))}
		switch rapid.IntRange(0, 2).Draw(t, "to") {
		case 1:
			want.To.User = id.Draw(t, "user")
		case 2:
			want.To.Conversation = id.Draw(t, "conversation")
		}
		want.Body = rapid.SliceOfN(rapid.Byte(), 0, cluster.MaxBody).Draw(t, "body")
		encoded := cluster.Append(nil, want)
		if len(encoded) > cluster.MaxEncoded {
			t.Fatalf("%d bytes, more than MaxEncoded", len(encoded))
		}
		got, rest, err := cluster.Parse(append(encoded, "rest"...))
		if err != nil || string(rest) != "rest" || got.From != want.From || got.Kind != want.Kind || got.To != want.To || !bytes.Equal(got.Body, want.Body) {
			t.Fatalf("got %v, %q, %v, want %v", got, rest, err, want)
		}
		if cut := rapid.IntRange(0, len(encoded)-1).Draw(t, "cut"); true {
			if _, _, err := cluster.Parse(encoded[:cut:cut]); !errors.Is(err, cluster.ErrGarbage) {
				t.Fatalf("cut to %d of %d bytes: got %v, want ErrGarbage", cut, len(encoded), err)
			}
		}
	})
}

func TestParseGarbage(t *testing.T) {
	t.Parallel()
	head := make([]byte, 17)
	for name, data := range map[string][]byte{
		"nothing":             nil,
		"no audience":         head,
		"an unknown audience": append(head[:17:17], append([]byte{3}, make([]byte, 17)...)...),
		"a body too long":     append(head[:17:17], append([]byte{0, 0x81, 0x10}, make([]byte, 3000)...)...),
		"a length too long":   append(head[:17:17], append([]byte{0}, bytes.Repeat([]byte{0xff}, 20)...)...),
	} {
		if w, _, err := cluster.Parse(data); !errors.Is(err, cluster.ErrGarbage) {
			t.Errorf("%s: got %v, %v, want ErrGarbage", name, w, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(cluster.Append(nil, cluster.Word{From: domain.ID{1}, Kind: cluster.Beat, Body: []byte("body")}))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, rest, err := cluster.Parse(data)
		if err == nil && (len(w.Body) > cluster.MaxBody || len(rest) >= len(data)) {
			t.Errorf("got a body of %d bytes and %d more of %d", len(w.Body), len(rest), len(data))
		}
	})
}
