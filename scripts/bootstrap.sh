#!/bin/sh
# Makes .venv if it is missing and installs one lock file into it, hashes checked.
set -eu
lock=$1
say() { printf '%s\n' "$*" >&2; }
command -v python3 >/dev/null || { say "python3 is missing: install it first (Debian: apt-get install python3)"; exit 1; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { say "Python 3.11 or newer is needed, this is $(python3 --version)"; exit 1; }
if [ ! -x .venv/bin/python ]; then
    say "· virtual environment"
    if ! python3 -c 'import ensurepip' 2>/dev/null; then
        # Debian keeps ensurepip in a package of its own.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
        else
            say "this python3 cannot make virtual environments: sudo apt-get install python3-venv"; exit 1
        fi
    fi
    python3 -m venv .venv
fi
say "· $lock"
# What is imported is compiled then; compiling all that is installed takes longer than installing it.
.venv/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --no-input --require-hashes -r "$lock"
