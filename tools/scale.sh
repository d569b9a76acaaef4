#!/bin/sh
# Measures one log and several, and prints what the simulation makes of it, in some two minutes: the numbers of
# docs/scale.md. Four durable PostgreSQLs of its own are in a new folder below BENCH_DIR (default: /var/tmp, which is
# seldom memory).
set -eu
cd "$(dirname "$0")/.."

dir=$(mktemp -d "${BENCH_DIR:-/var/tmp}/chainmail-scale.XXXXXX")
servers=
finish() {
	status=$?
	trap - EXIT INT TERM HUP
	for server in $servers; do
		kill "$server" 2>/dev/null || true
		wait "$server" || true
	done
	left=100 # tenths of a second for the PostgreSQLs to end
	while ls "$dir"/*/postgres/data/postmaster.pid >/dev/null 2>&1 && [ "$left" -gt 0 ]; do
		left=$((left - 1))
		sleep 0.1
	done
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP
chmod 711 "$dir" # PostgreSQL's user passes through when this is root's

for n in 1 2 3 4; do
	bin/chainmail serve --data-dir "$dir/$n" --listen 127.0.0.1:0 --log-level warn >"$dir/$n.out" &
	server=$!
	servers="$servers $server"
	until grep -q '^Chainmail is at ' "$dir/$n.out"; do
		kill -0 "$server" # it has said why it ended
		sleep 0.2
	done
	url=$(bin/chainmail doctor --data-dir "$dir/$n" --json | sed 's/.*"database_url":"\([^"]*\)".*/\1/')
	SCALE_DATABASE_URLS="${SCALE_DATABASE_URLS:-} $url"
	TEST_DATABASE_URL=${TEST_DATABASE_URL:-$url}
done
export SCALE_DATABASE_URLS TEST_DATABASE_URL
go test -run '^$' -benchtime 1s -bench '^Benchmark(Hold|Partitions)$' "$@" ./eventstore
unset TEST_DATABASE_URL

go run ./internal/cmd/scale
