#!/bin/sh
# Installs what the browser test needs: playwright-core from npm into this folder, which downloads no browser, and
# Chromium from Debian's packages, where the machine has none and this is root on Debian. Says what is missing elsewhere.
set -eu
cd "$(dirname "$0")"

missing() {
	echo "BROWSER TEST: $1" >&2
	[ -z "${CI:-}" ] || exit 1
	echo "BROWSER TEST: it will be skipped" >&2
	exit 0
}

command -v npm >/dev/null || missing "npm is missing: install Node.js 20 or later"
if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --ignore-scripts --no-audit --no-fund || missing "npm ci failed in tools/browser"
	cp package-lock.json node_modules/.installed
fi

find_chromium() {
	for browser in "${CHROMIUM:-none}" chromium chromium-browser google-chrome; do
		if command -v "$browser"; then return 0; fi
	done
	return 1
}

if ! find_chromium && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium || true
fi
find_chromium >/dev/null || missing "no Chromium: install it, or name its path in CHROMIUM"
