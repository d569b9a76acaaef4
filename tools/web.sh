#!/bin/sh
# Checks the types of the client, the hooks and the page, and runs their tests on a server of bin/test, those of e2e in a browser. Says
# what is missing where they cannot run.
set -eu
cd "$(dirname "$0")/../web"

if ! command -v npm >/dev/null || [ ! -d node_modules ]; then
	echo "WEB TESTS NOT RUN: install Node.js 20.19 or later with npm" >&2
	[ -z "${CI:-}" ] || exit 1
	exit 0
fi
CHAINMAIL_BINARY=$(cd .. && pwd)/bin/test/chainmail
export CHAINMAIL_BINARY
npm run --silent check
npm run --silent test
npm run --silent e2e
