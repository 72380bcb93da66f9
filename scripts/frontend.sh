#!/bin/sh
# Installs the pinned front-end assets. A machine without Node gets it from a Python wheel.
set -eu
echo "· front-end assets" >&2
if ! command -v npm >/dev/null; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements-node.lock
    PATH="$(pwd)/.venv/bin:$PATH"
    export PATH
fi
npm ci --ignore-scripts --no-audit --no-fund --silent
