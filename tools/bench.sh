#!/bin/sh
# Measures the log against bare SQL, and then a loaded server, in some three minutes. Both work on a durable
# PostgreSQL of their own in a new folder below BENCH_DIR (default: /var/tmp, which is seldom memory).
# Flags go to `chainmail bench`: tools/bench.sh --scenario sends --json
set -eu
cd "$(dirname "$0")/.."

. tools/own.sh

rounds=3
serve "$dir/data" --rate-limit 0
TEST_DATABASE_URL=$(database "$dir/data")
export TEST_DATABASE_URL

# What the machine does at a time varies more than what is compared, so the four take turns.
go test -c -o "$dir/eventstore.test" ./eventstore
echo "The log, events a second, 100-byte messages, durable:"
for round in $(seq $rounds); do
	(cd eventstore && "$dir/eventstore.test" -test.run '^$' -test.benchtime 2s \
		-test.bench '^Benchmark(Append|BareRows|One(Ordered)?CommitAnEvent)$') >"$dir/log" || { cat "$dir/log"; exit 1; }
	awk -v round="$round" '
		/^Benchmark/ {
			for (i = 2; i < NF; i++) if ($(i + 1) == "events/s") { sub(/-[0-9]+$/, "", $1); rate[$1] = $i }
		}
		END {
			append = rate["BenchmarkAppend"]; bare = rate["BenchmarkBareRows"]
			one = rate["BenchmarkOneCommitAnEvent"]; ordered = rate["BenchmarkOneOrderedCommitAnEvent"]
			if (!append || !bare || !one || !ordered) exit 1
			printf "  round %d: append %.0f, bare rows %.0f, one commit an event %.0f, in order %.0f:", round, append, bare, one, ordered
			printf " %.2f of bare rows, %.1f times one commit an event, %.1f in order\n", append / bare, append / one, append / ordered
		}' "$dir/log"
done
unset TEST_DATABASE_URL

echo
bin/chainmail bench --data-dir "$dir/data" --url "$url" "$@"
