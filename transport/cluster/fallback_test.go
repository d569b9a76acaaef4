package cluster_test

import (
	"context"
	"slices"
	"testing"

	"chainmail/transport/cluster"
)

// recorder is a bus that writes down what is sent.
type recorder struct{ sent []cluster.Kind }

func (r *recorder) Send(w cluster.Word)                           { r.sent = append(r.sent, w.Kind) }
func (r *recorder) Run(context.Context, func(cluster.Word)) error { return nil }

// Words go through one carrier, but that a server is there goes through both: others may hear the second alone.
func TestFallback(t *testing.T) {
	t.Parallel()
	first, second, works := new(recorder), new(recorder), true
	f := cluster.Fallback{First: first, Second: second, Works: func() bool { return works }}
	for range 2 {
		for _, k := range []cluster.Kind{cluster.Beat, cluster.Typing, cluster.Bye} {
			f.Send(cluster.Word{Kind: k})
		}
		works = false
	}
	if want := []cluster.Kind{cluster.Beat, cluster.Typing, cluster.Bye}; !slices.Equal(first.sent, want) {
		t.Errorf("the first: got %v, want %v", first.sent, want)
	}
	if want := []cluster.Kind{cluster.Beat, cluster.Bye, cluster.Beat, cluster.Typing, cluster.Bye}; !slices.Equal(second.sent, want) {
		t.Errorf("the second: got %v, want %v", second.sent, want)
	}
}
