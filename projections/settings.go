package projections

import "time"

// Settings tune a Runner. A zero field has the default that stands behind it.
type Settings struct {
	// BatchSize is the most events that are applied in one commit: 1000.
	BatchSize int
	// Pause is the wait between a wake-up and reading, in which a batch forms: 15 ms.
	Pause time.Duration
	// Poll is how often the log is looked at when nothing wakes: 1 s.
	Poll time.Duration
	// FirstRetry and LastRetry bound the wait before a projection that failed tries again: 250 ms,
	// 10 s. It doubles from one to the other.
	FirstRetry, LastRetry time.Duration
	// Deadline is how long a batch may take before it is read again: 1 min.
	Deadline time.Duration
	// Grace is how long Run waits for batches under way once its context has ended: 5 s. Then they
	// are rolled back.
	Grace time.Duration
}

func (s Settings) withDefaults() Settings {
	if s.BatchSize == 0 {
		s.BatchSize = 1000
	}
	if s.Pause == 0 {
		s.Pause = 15 * time.Millisecond
	}
	if s.Poll == 0 {
		s.Poll = time.Second
	}
	if s.FirstRetry == 0 {
		s.FirstRetry = 250 * time.Millisecond
	}
	if s.LastRetry == 0 {
		s.LastRetry = 10 * time.Second
	}
	if s.Deadline == 0 {
		s.Deadline = time.Minute
	}
	if s.Grace == 0 {
		s.Grace = 5 * time.Second
	}
	return s
}
