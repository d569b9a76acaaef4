#!/bin/sh
# Makes sure that there is a redis-server: the fan-out between servers is tested with a real one.
set -eu
if command -v redis-server >/dev/null 2>&1; then
	exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing redis-server for the tests of the fan-out"
	# The service that the package would start is not needed.
	apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends redis-server
	exit 0
fi
if [ -n "${CI:-}" ]; then
	echo "the tests of the fan-out need redis-server: install it (Debian: apt-get install redis-server)" >&2
	exit 1
fi
echo "SKIPPED: the tests of the fan-out need redis-server: install it (Debian: apt-get install redis-server)" >&2
