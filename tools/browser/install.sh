#!/bin/sh
# Finds the Chromium of the browser tests, or installs it from Debian's packages where this is root on Debian. Says what is
# missing elsewhere.
set -eu

missing() {
	echo "BROWSER TEST: $1" >&2
	[ -z "${CI:-}" ] || exit 1
	echo "BROWSER TEST: it will be skipped" >&2
	exit 0
}

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
