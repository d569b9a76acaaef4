#!/bin/sh
# Measures one log and several, and prints what the simulation makes of it, in some two minutes: the numbers of
# docs/scale.md. Four durable PostgreSQLs of its own are in a new folder below BENCH_DIR (default: /var/tmp, which is
# seldom memory).
set -eu
cd "$(dirname "$0")/.."

. tools/own.sh

for n in 1 2 3 4; do
	serve "$dir/$n"
	address=$(database "$dir/$n")
	SCALE_DATABASE_URLS="${SCALE_DATABASE_URLS:-} $address"
	TEST_DATABASE_URL=${TEST_DATABASE_URL:-$address}
done
export SCALE_DATABASE_URLS TEST_DATABASE_URL
go test -run '^$' -benchtime 1s -bench '^Benchmark(Hold|Partitions)$' "$@" ./eventstore
unset TEST_DATABASE_URL

go run ./internal/cmd/scale
