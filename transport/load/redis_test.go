package load

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"chainmail/transport/fanout"
	"chainmail/transport/fanout/redistest"
)

// busy makes a Redis use some processor time.
func busy(t *testing.T, client *redis.Client) {
	t.Helper()
	const script = `local n = 0 for i = 1, 3000000 do n = n + i end return n`
	if err := client.Eval(t.Context(), script, nil).Err(); err != nil {
		t.Fatal(err)
	}
}

func TestRedisCPU(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	before, err := redisCPU(t.Context(), server.Client)
	if err != nil || before <= 0 {
		t.Fatalf("got %s, %v", before, err)
	}
	busy(t, server.Client)
	if after, err := redisCPU(t.Context(), server.Client); err != nil || after <= before || after > before+time.Minute {
		t.Errorf("%s became %s, %v", before, after, err)
	}
	b := &bench{report: new(Report)}
	m := &meter{redis: server.Client, note: b.note}
	if got := m.read(t.Context()); got.redis == nil || len(b.report.Notes) != 0 {
		t.Errorf("got %+v, notes %q", got, b.report.Notes)
	}
	server.Stop()
	if got := m.read(t.Context()); got.redis != nil || !strings.Contains(strings.Join(b.report.Notes, ""), "Redis's processor time") {
		t.Errorf("Redis has gone, but got %+v, notes %q", got, b.report.Notes)
	}
}

// All nodes of a cluster count.
func TestRedisCPUOfACluster(t *testing.T) {
	t.Parallel()
	nodes, url := redistest.StartCluster(t)
	client, _, err := fanout.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var each time.Duration
	for _, node := range nodes {
		busy(t, node.Client)
		cpu, err := nodeCPU(t.Context(), node.Client)
		if err != nil {
			t.Fatal(err)
		}
		each += cpu
	}
	if all, err := redisCPU(t.Context(), client); err != nil || all < each {
		t.Errorf("got %s, %v; the nodes have used %s by themselves", all, err, each)
	}
}
