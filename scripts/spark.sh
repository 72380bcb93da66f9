#!/bin/sh
# Spark for `make province` and `make spark-check`, beside the environment: a province runs it, a county does not need it.
# From requirements-spark.lock, with hashes. Java 17 comes from the system.
set -e
target=build/spark
lock=requirements-spark.lock
need="Spark needs Java 17 or newer: apt-get install openjdk-17-jre-headless"
command -v java >/dev/null || { echo "$need" >&2; exit 1; }
version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
[ "${version:-0}" -ge 17 ] || { echo "$need; this is Java ${version:-of unknown version}" >&2; exit 1; }
cmp -s "$lock" "$target/installed.lock" && exit 0
rm -rf "$target"
echo "installing Spark below $target (some 400 MB)" >&2
.venv/bin/python -m pip install -q --require-hashes --no-deps --target "$target" -r "$lock"
cp "$lock" "$target/installed.lock"
