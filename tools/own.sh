# Sourced by the measurements: a folder of their own below BENCH_DIR (default: /var/tmp, which is seldom memory), and what they
# start in it. All of it is gone when they end.

dir=$(mktemp -d "${BENCH_DIR:-/var/tmp}/chainmail-bench.XXXXXX")
chmod 711 "$dir" # PostgreSQL's user passes through when this is root's
processes=

# end ends the processes that were started, and waits for them.
end() {
	for process in $processes; do
		kill "$process" 2>/dev/null || true
	done
	for process in $processes; do
		wait "$process" || true
	done
	processes=
}

finish() {
	status=$?
	trap - EXIT INT TERM HUP
	end
	left=100 # tenths of a second for each PostgreSQL to end
	while [ -n "$(find "$dir" -name postmaster.pid)" ] && [ "$left" -gt 0 ]; do
		left=$((left - 1))
		sleep 0.1
	done
	rm -rf "$dir"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# serve starts a server on a data directory, with further flags, and sets url once it serves.
serve() {
	data=$1
	shift
	: >"$dir/out" # what one before has said
	bin/chainmail serve --data-dir "$data" --listen 127.0.0.1:0 --log-level warn "$@" >>"$dir/out" &
	process=$!
	processes="$processes $process"
	until url=$(sed -n 's/^Chainmail is at //p' "$dir/out") && [ -n "$url" ]; do
		kill -0 "$process" # it has said why it ended
		sleep 0.1
	done
}

# database prints the address of a data directory's database, which runs.
database() {
	bin/chainmail doctor --data-dir "$1" --json | sed 's/.*"database_url":"\([^"]*\)".*/\1/'
}
