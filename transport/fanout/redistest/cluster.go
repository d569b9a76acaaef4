package redistest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// slots is how many hash slots a cluster has.
const slots = 16384

// StartCluster starts a cluster of three nodes and returns them, and the address for clients.
func StartCluster(t testing.TB) (nodes []*Server, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	const n = 3
	for i := range n {
		// On a busy machine a node may be silent for long: the others are not to give it up for that.
		node := StartPort(t, "--cluster-enabled", "yes", "--cluster-node-timeout", fmt.Sprint(patience.Milliseconds()))
		nodes = append(nodes, node)
		if err := node.Client.ClusterAddSlotsRange(ctx, i*slots/n, (i+1)*slots/n-1).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, node := range nodes[1:] {
		if err := nodes[0].Client.ClusterMeet(ctx, "127.0.0.1", fmt.Sprint(node.Port)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, node := range nodes {
		for {
			info, err := node.Client.ClusterInfo(ctx).Result()
			if err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", n)) {
				break
			}
			if ctx.Err() != nil {
				t.Fatalf("the cluster does not come up: %v\n%s", err, info)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	return nodes, fmt.Sprintf("%s?addr=127.0.0.1:%d&addr=127.0.0.1:%d", nodes[0].URL, nodes[1].Port, nodes[2].Port)
}
