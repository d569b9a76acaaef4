#!/bin/sh
# Installs what holds the descriptions of the API and the socket against their standards: public validators from npm,
# into this folder. Says what is missing where that is not possible.
set -eu
cd "$(dirname "$0")"

missing() {
	echo "VALIDATORS: $1" >&2
	[ -z "${CI:-}" ] || exit 1
	echo "VALIDATORS: the tests that need them will be skipped" >&2
	exit 0
}

command -v npm >/dev/null || missing "npm is missing: install Node.js 20 or later"
if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --ignore-scripts --no-audit --no-fund || missing "npm ci failed in tools/describe"
	cp package-lock.json node_modules/.installed
fi
