#!/bin/sh
# Makes the secrets that compose.yaml hands to its containers as files, in deploy/secrets. What is there stays as it is.
#
# Compose mounts each file with the owner and mode that it has here, and the programs inside run as other users. So the files can
# be read by all, and only their folder is closed: on this machine nobody but its owner and root gets to them.
set -eu
cd "$(dirname "$0")"

mkdir -p -m 0700 secrets
chmod 0700 secrets
umask 022

# keep NAME: writes standard input to a new secret, whole or not at all.
keep() {
	cat >"secrets/.$1.new"
	[ -s "secrets/.$1.new" ]
	mv "secrets/.$1.new" "secrets/$1"
}

random() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }

for name in superuser-password database-password; do
	[ -e secrets/$name ] || random 24 | keep $name
done
[ -e secrets/jwt-secret ] || random 32 | keep jwt-secret
[ -e secrets/database-url ] ||
	echo "postgres://chainmail:$(cat secrets/database-password)@postgres/chainmail?sslmode=disable" | keep database-url
echo "the secrets are in $(pwd)/secrets"
