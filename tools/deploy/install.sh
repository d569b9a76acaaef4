#!/bin/sh
# Installs into this folder what holds the files of deploy/ against their standards: linters from npm, a reader of compose files
# from the Go module proxy, Caddy from Debian. Says what is missing where that is not possible.
set -eu
cd "$(dirname "$0")"
mkdir -p bin

missing() { echo "DEPLOY: $1; the tests that need it will be skipped" >&2; }

if ! command -v npm >/dev/null; then
	missing "npm is missing: install Node.js 20 or later"
elif ! cmp -s package-lock.json node_modules/.installed; then
	if npm ci --ignore-scripts --no-audit --no-fund; then
		cp package-lock.json node_modules/.installed
	else
		missing "npm ci failed in tools/deploy"
	fi
fi

if ! cmp -s ../deploy.sum bin/.compose; then
	if go build -modfile=../deploy.mod -o bin/compose-go github.com/compose-spec/compose-go/v2/cmd; then
		cp ../deploy.sum bin/.compose
	else
		missing "compose-go could not be built"
	fi
fi

# The program alone, since the package would start a service.
download() {
	apt-get download -qq caddy || { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get download -qq caddy; }
}
if ! command -v caddy >/dev/null && [ ! -x bin/caddy ]; then
	package=$(mktemp -d)
	trap 'rm -rf "$package"' EXIT
	if (cd "$package" && download && dpkg-deb --extract caddy_*.deb . && [ -x usr/bin/caddy ]) 2>"$package/why"; then
		mv "$package/usr/bin/caddy" bin/caddy
	else
		missing "Caddy is missing: install it"
	fi
fi
