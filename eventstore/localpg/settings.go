package localpg

// durableSettings suit a server with two cores and a laptop alike. All that keeps what was
// committed (fsync, full_page_writes, synchronous_commit) has PostgreSQL's default: on.
//
// wal_compression stays off: a log that only grows writes new pages, which have no full-page image
// to compress, and the processor is what is scarce.
var durableSettings = []string{
	"max_connections=100",
	"shared_buffers=256MB", // the system's cache does the rest
	"work_mem=16MB",
	"maintenance_work_mem=128MB",
	"random_page_cost=1.1", // no disk turns any more

	// Few, slow checkpoints: each is followed by full-page images.
	"max_wal_size=4GB",
	"min_wal_size=256MB",
	"checkpoint_timeout=15min",

	// Queries are short, and parallel ones would need more shared memory than a container gives (64
	// MB).
	"max_parallel_workers_per_gather=0",
	"jit=off",

	// Tables grow large by inserts: look at them at a twentieth, not a fifth, of their size.
	"autovacuum_naptime=15s",
	"autovacuum_vacuum_scale_factor=0.05",
	"autovacuum_vacuum_insert_scale_factor=0.05",
	"autovacuum_analyze_scale_factor=0.05",

	"TimeZone=UTC",
	"log_timezone=UTC",
	"log_checkpoints=off",
}

// tempSettings give up durability for speed. Some hundred tests may be connected at once.
var tempSettings = []string{
	"max_connections=400",
	"shared_buffers=128MB",
	"fsync=off",
	"synchronous_commit=off",
	"full_page_writes=off",
	"autovacuum=off",
	"wal_level=minimal",
	"max_wal_senders=0",
	"max_wal_size=1GB",
	"jit=off",
	"TimeZone=UTC",
	"log_checkpoints=off",
}
