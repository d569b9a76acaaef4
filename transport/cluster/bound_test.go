package cluster_test

import (
	"context"
	"testing"

	"chainmail/domain"
	"chainmail/transport/cluster"
)

// crowd is a bus on which very many servers beat, once.
type crowd struct{ over chan struct{} }

func (c crowd) Send(cluster.Word) {}
func (c crowd) Run(ctx context.Context, receive func(cluster.Word)) error {
	for i := range 1_000 {
		receive(cluster.Word{From: domain.ID{1, byte(i), byte(i >> 8)}, Kind: cluster.Beat})
	}
	close(c.over)
	<-ctx.Done()
	return nil
}

// TestServersAreBounded: a server hears so many others, and no more.
func TestServersAreBounded(t *testing.T) {
	t.Parallel()
	c := crowd{make(chan struct{})}
	n := cluster.NewNode(c, domain.ID{9}, cluster.Settings{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	<-c.over
	if got := n.Servers(); got != 64 {
		t.Errorf("servers: got %d, want 64", got)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
