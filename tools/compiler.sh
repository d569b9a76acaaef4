#!/bin/sh
# Makes sure that there is a C compiler: go test -race needs one.
set -eu
cc=$(go env CC)
if command -v "${cc%% *}" >/dev/null 2>&1; then
	exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing gcc for the race detector"
	apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev
	exit 0
fi
echo "go test -race needs a C compiler: install gcc (Debian: apt-get install gcc libc6-dev)" >&2
exit 1
