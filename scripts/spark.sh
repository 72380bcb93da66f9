#!/bin/sh
# Spark for `make spark-check`, beside the environment: a province runs it, a county does not need it. Apache License 2.0;
# pinned here and nowhere else. Java 17 comes from the system (Debian: openjdk-17-jre-headless).
set -e
target=build/spark
[ -d "$target/pyspark" ] && exit 0
command -v java >/dev/null || { echo "spark-check needs Java 17: apt-get install openjdk-17-jre-headless" >&2; exit 1; }
.venv/bin/python -m pip install -q --no-deps --target "$target" "pyspark==4.0.1" "py4j==0.10.9.9"
