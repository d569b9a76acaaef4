#!/bin/sh
# Makes sure that there is PgBouncer: tests run a server through it.
set -eu
if command -v pgbouncer >/dev/null 2>&1 || [ -x /usr/sbin/pgbouncer ]; then
	exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing pgbouncer for the tests through a pooler"
	apt-get update -qq && apt-get install -y -qq --no-install-recommends pgbouncer
	exit 0
fi
if [ "${CI:-}" = true ]; then
	echo "the tests through a pooler need PgBouncer: install it (Debian: apt-get install pgbouncer)" >&2
	exit 1
fi
echo "NOT TESTED: a server through PgBouncer, which is missing (Debian: apt-get install pgbouncer)" >&2
