package load

import "time"

// Report is what was measured. A scenario that didn't run is nil.
type Report struct {
	URL      string         `json:"url"` // of several servers, with commas between
	Started  time.Time      `json:"started_at"`
	Idle     *IdleReport    `json:"idle,omitempty"`
	Sends    *LoopReport    `json:"sends,omitempty"`
	Receipts *LoopReport    `json:"receipts,omitempty"`
	Latency  *LatencyReport `json:"latency,omitempty"`
	Fanout   *FanoutReport  `json:"fanout,omitempty"`
	Notes    []string       `json:"notes"` // what can't be told and why
}

// IdleReport is about sockets that only stand there.
type IdleReport struct {
	Connections       int      `json:"connections"`
	ConnectsPerSecond float64  `json:"connects_per_second"`
	KiBPerConnection  *float64 `json:"kib_per_connection"` // resident memory; null where it can't be told
}

// LoopReport is about a closed loop.
type LoopReport struct {
	Pairs    int     `json:"pairs"`
	Window   int     `json:"window"`
	Size     int     `json:"bytes"`
	Messages int64   `json:"messages"`
	Seconds  float64 `json:"seconds"` // until all answers and pushes were there
	Rate     float64 `json:"messages_per_second"`
	Cost     Cost    `json:"cost"` // of which the unit is a message
}

// LatencyReport is about an open loop between pairs.
type LatencyReport struct {
	Rate     int         `json:"messages_per_second"`
	Messages int64       `json:"messages"`
	Delivery Percentiles `json:"delivery"`
	Cost     Cost        `json:"cost"` // of which the unit is a message
}

// FanoutReport is about an open loop to a group.
type FanoutReport struct {
	Members    int         `json:"members"`
	Rate       int         `json:"messages_per_second"`
	Messages   int64       `json:"messages"`
	Deliveries int64       `json:"deliveries"`
	Last       Percentiles `json:"last_receiver"`
	Cost       Cost        `json:"cost"` // of which the unit is a delivery
}

// Cost is what the machine did for a scenario, until the projections had caught up. What can't be told is null.
type Cost struct {
	// Processor seconds for a thousand units of the scenario; Server is all servers together.
	Server    *float64 `json:"server_cpu_seconds_per_1000"`
	Postgres  *float64 `json:"postgres_cpu_seconds_per_1000"`
	Redis     *float64 `json:"redis_cpu_seconds_per_1000,omitempty"` // absent where there is no Redis, too
	Generator float64  `json:"generator_cpu_seconds_per_1000"`
	// Share is how much of one processor the generator took.
	Share float64 `json:"generator_cpu_share"`
	// WALBytes and Writes count for each message. Writes are the transactions that wrote.
	WALBytes *float64 `json:"wal_bytes_per_message"`
	Writes   *float64 `json:"write_transactions_per_message"`
	// CatchUp is how long the projections went on after the last push.
	CatchUp *float64 `json:"catch_up_seconds"`
}

// Percentiles are exact, in milliseconds.
type Percentiles struct {
	P50  float64 `json:"p50_ms"`
	P99  float64 `json:"p99_ms"`
	P999 float64 `json:"p99_9_ms"`
	Max  float64 `json:"max_ms"`
}
