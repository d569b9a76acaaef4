package load

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisCPU is the processor time that Redis says it has used; of a cluster, that of all nodes.
func redisCPU(ctx context.Context, client redis.UniversalClient) (time.Duration, error) {
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		return nodeCPU(ctx, client)
	}
	var total atomic.Int64
	err := cluster.ForEachShard(ctx, func(ctx context.Context, node *redis.Client) error {
		cpu, err := nodeCPU(ctx, node)
		total.Add(int64(cpu))
		return err
	})
	return time.Duration(total.Load()), err
}

// nodeCPU asks one redis-server.
func nodeCPU(ctx context.Context, node redis.Cmdable) (total time.Duration, err error) {
	info := node.InfoMap(ctx, "cpu")
	if err := info.Err(); err != nil {
		return 0, fmt.Errorf("ask Redis what it has used: %w", err)
	}
	for _, field := range []string{"used_cpu_sys", "used_cpu_user"} {
		seconds, err := strconv.ParseFloat(info.Item("CPU", field), 64)
		if err != nil {
			return 0, fmt.Errorf("%s, which Redis does not tell: %w", field, err)
		}
		total += time.Duration(seconds * float64(time.Second))
	}
	return total, nil
}
