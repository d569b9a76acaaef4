#!/bin/sh
# Compares one, two and three servers of one log, each without and with Redis, in some five minutes: prints what they did and cost,
# and ratios to one server without Redis. They work on one durable PostgreSQL and one Redis in a new folder below
# BENCH_DIR (default: /var/tmp, which is seldom memory). All takes turns, ROUNDS times (default: 3), since what the machine
# does at a time varies more than what is compared. Flags go to `chainmail bench`.
set -eu
cd "$(dirname "$0")/.."

. tools/own.sh

redis-server --port 0 --unixsocket "$dir/redis.sock" --dir "$dir" --save '' --appendonly no >"$dir/redis.log" &
redis=$!
processes=$redis
until [ -S "$dir/redis.sock" ]; do
	kill -0 "$redis"
	sleep 0.1
done

# start starts so many servers, with further flags, and sets urls once they serve, and follow Redis where there is one.
start() {
	count=$1
	shift
	urls=
	for n in $(seq "$count"); do
		serve "$dir/data" --checkpoint-file "$dir/checkpoint-$n" --rate-limit 0 "$@"
		urls="$urls $url"
	done
	if [ $# = 0 ]; then
		return
	fi
	for url in $urls; do
		until curl -fsS "$url/metrics" | grep '^chainmail_fanout_following 1$' >/dev/null; do
			sleep 0.1
		done
	done
}

# stop ends what start has started.
stop() {
	processes=${processes#"$redis"}
	end
	processes=$redis
}

# load loads what start has started; what it prints is a report.
load() {
	for url in $urls; do
		set -- --url "$url" "$@"
	done
	bin/chainmail bench --data-dir "$dir/data" --scenario sends,latency,fanout --duration 3s --rate 300 --json "$@" 2>"$dir/progress" ||
		{ cat "$dir/progress" >&2; exit 1; }
}

# share tells of each server how many events its pushes had from Redis, and how often something was missing there.
share() {
	for url in $urls; do
		curl -fsS "$url/metrics" | awk -v name="$1" '
			/^chainmail_fanout_events_total\{source="log"\}/ { log_ = $2 }
			/^chainmail_fanout_events_total\{source="redis"\}/ { redis = $2 }
			/^chainmail_fanout_gaps_total / { gaps = $2 }
			END { printf "%s: pushes had %.0f events from Redis, %.0f from the log; %.0f gaps\n", name, redis, log_, gaps }' >&2
	done
}

start 1 # users, and a database that has worked
load --duration 1s "$@" >/dev/null
stop

for round in $(seq "${ROUNDS:-3}"); do
	for count in 1 2 3; do
		name="$count server$([ "$count" = 1 ] || echo s)"
		echo "round $round: $name, without and with Redis" >&2
		start "$count"
		report=$(load "$@")
		printf '%s\t%s\n' "$name" "$report" >>"$dir/reports"
		stop
		start "$count" --redis-url "unix://$dir/redis.sock"
		report=$(load --redis-url "unix://$dir/redis.sock" "$@")
		printf '%s\t%s\n' "$name, Redis" "$report" >>"$dir/reports.redis"
		share "$name"
		stop
	done
done
cat "$dir/reports" "$dir/reports.redis" | go run ./internal/cmd/ratios
