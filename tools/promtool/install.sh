#!/bin/sh
# Fetches promtool, Prometheus' own tool, out of Debian's package into this folder, unless the machine has it: it checks the alert
# rules and runs their tests. The package is not installed, so no Prometheus is started. Says what is missing where that is not possible.
set -eu
cd "$(dirname "$0")"

missing() {
	echo "PROMTOOL: $1; the test that needs it will be skipped" >&2
	exit 0
}

if command -v promtool >/dev/null 2>&1 || [ -x promtool ]; then
	exit 0
fi
if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then
	missing "install Prometheus' promtool"
fi
here=$(pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
if ! apt-get download -qq prometheus 2>/dev/null; then
	[ "$(id -u)" = 0 ] || missing "apt-get update is needed first, by root"
	apt-get update -qq && apt-get download -qq prometheus 2>/dev/null || missing "apt-get download prometheus failed"
fi
dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
install -m 755 usr/bin/promtool "$here/promtool"
