#!/bin/sh
# Makes sure that there is Python 3: the second verifier of proofs, docs/verify.py, is written in it, and a test compares it with ours.
set -eu
if command -v python3 >/dev/null 2>&1; then
	exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing python3 for the second verifier of proofs"
	apt-get update -qq && apt-get install -y -qq --no-install-recommends python3
	exit 0
fi
echo "the second verifier of proofs needs Python 3: install it (Debian: apt-get install python3)" >&2
exit 1
