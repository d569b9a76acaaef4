#!/bin/sh
# Builds the page into web/dist, where the Go build embeds it: npm packages first, as web/package-lock.json has them. Does nothing
# while no source is newer than the page. Without Node.js the last page that was built stays, and this says so.
set -eu
cd "$(dirname "$0")/../web"

missing() {
	echo "PAGE: $1" >&2
	[ -z "${CI:-}" ] || exit 1
	[ -f dist/index.html ] || echo "PAGE: the server will say at / how to build it; all else works" >&2
	exit 0
}

command -v npm >/dev/null || missing "not built: install Node.js 20.19 or later with npm"
if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --ignore-scripts --no-audit --no-fund || missing "not built: npm ci failed in web"
	cp package-lock.json node_modules/.installed
fi
sources="client/src react/src app/src app/plugins app/public app/index.html app/vite.config.ts scripts package-lock.json ../transport/asyncapi ../transport/frame ../transport/httpapi ../projections/push"
if [ -f dist/index.html ] && [ -z "$(find $sources -newer dist/index.html -type f -not -path '*/generated/*' | head -n 1)" ]; then
	exit 0
fi
npm run --silent build
