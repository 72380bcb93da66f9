# Every door of the project. `make` alone lists them.
PY := .venv/bin/python
# Where this is set (in many containers) each process would compile every module anew: three seconds each time.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev tools demo demo-fresh demo-check run check fix test test-fast test-thorough test-browser test-slow test-all fuzz bench-api bench-audit bench-intake bench-pocket bench-programmes bench-indicators bench-board published-figures spark-check province lock docs clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: .venv/.ready node_modules/.ready  ## virtual environment, locked dependencies, front-end assets
	@$(PY) -m xinglin setup

.venv/.ready: requirements.lock scripts/bootstrap.sh
	@sh scripts/bootstrap.sh requirements.lock
	@touch $@

.venv/.ready-dev: requirements-dev.lock .venv/.ready
	@sh scripts/bootstrap.sh requirements-dev.lock
	@touch $@

node_modules/.ready: package-lock.json scripts/frontend.sh .venv/.ready
	@sh scripts/frontend.sh
	@touch $@

setup-dev: setup tools  ## the same, with the tools for tests and checks

# Tests and checks make a database of their own: the county's need not be set up for them.
tools: .venv/.ready .venv/.ready-dev node_modules/.ready
	@sh scripts/browser.sh

demo: .venv/.ready node_modules/.ready  ## build a small county, play the journey, serve it on 127.0.0.1
	@$(PY) -m xinglin demo

demo-fresh: .venv/.ready node_modules/.ready  ## the same, from an empty database
	@$(PY) -m xinglin demo --fresh

demo-check: .venv/.ready node_modules/.ready  ## play the journey on a fresh county of its own, without serving; fails if a step fails
	@XINGLIN_HOME=$(or $(XINGLIN_HOME),var)/check $(PY) -m xinglin demo --fresh --check

run: setup  ## serve what is there
	@$(PY) -m xinglin serve

check: tools  ## read only: format, lint, types, contracts, migrations, generated docs, words
	@$(PY) scripts/check.py

fix: tools  ## write: format, safe lint fixes, generated docs
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format --quiet . ; $(PY) -m xinglin docs

SPREAD := -n auto --dist loadscope --no-loadscope-reorder -q

test: tools  ## what is quick: rules, actions, queries, architecture, and the main job in a real browser
	@$(PY) -m pytest $(SPREAD) -m "not slow and not browser and not thorough or journey"

test-fast: tools  ## without the browser
	@$(PY) -m pytest $(SPREAD) -m "not slow and not browser and not thorough"

test-thorough: tools  ## every page in each of its states, the matrix of rights, whole counties
	@$(PY) -m pytest $(SPREAD) -m "thorough and not slow and not browser"

test-browser: tools  ## every page that is tested in a real browser
	@$(PY) -m pytest -n auto --dist loadfile -m browser -q

test-slow: tools  ## kill -9 rounds, fuzzing, thousand mutations, a real Orthanc: minutes
	@sh scripts/orthanc.sh
	@XINGLIN_WHOLE_MATRIX=1 $(PY) -m pytest -m "slow or matrix" -n auto --dist load -q --session-timeout 3600

test-all: test test-thorough test-browser test-slow check  ## all of it, before a release

fuzz: tools  ## SECONDS=600: each parser under coverage-guided input; what breaks one is kept in build/fuzzing
	@for each in hl7 dicom ecg table archive; do $(PY) -m tests.fuzzing $$each --seconds $(or $(SECONDS),600) || exit 1; done

bench-api: setup-dev  ## RESIDENTS=20000: requests a second of the hot endpoints, as a scoped user
	@$(PY) -m tests.bench.api --residents $(or $(RESIDENTS),20000)

bench-audit: setup-dev  ## cost of the audit chain when writing, and rows a second when verifying
	@$(PY) -m tests.bench.audit

bench-intake: setup-dev  ## images and messages a second committed, beside a bare receiver that only writes and syncs
	@$(PY) -m tests.bench.intake
	@$(PY) -m tests.bench.intake_dicom

bench-programmes: setup-dev  ## RESIDENTS=20000: day list of the village doctor, and the nightly check of everybody; from 100000 on also a tenth
	@$(PY) -m tests.bench.programmes --residents $(or $(RESIDENTS),20000)

bench-pocket: tools  ## RESIDENTS=1500: first sync of a telephone's panel at 1 Mbit/s and 300 ms delay
	@$(PY) -m pytest -q -s tests/bench/bench_pocket.py

bench-indicators: setup-dev  ## SIZES=5 (million visits; 5,50,250): all indicators beside hand-written SQL on DuckDB and on PostgreSQL (POSTGRES=5: up to)
	@$(PY) -m tests.bench.indicators --sizes $(or $(SIZES),5) --postgres-up-to $(or $(POSTGRES),5) --rounds $(or $(ROUNDS),3)

published-figures: setup  ## figures five places published, computed again from counties tuned to them
	@$(PY) -m synth.published --write

bench-board: setup-dev  ## RESIDENTS=20000: pages of the board from computed figures, as a scoped user and for the whole county
	@$(PY) -m tests.bench.board --residents $(or $(RESIDENTS),20000)

spark-check: setup-dev  ## the same definitions on Spark and on DuckDB give the same values (Java 17)
	@sh scripts/spark.sh
	@PYTHONPATH=build/spark:. $(PY) -m tests.bench.province --check

province: setup-dev  ## VISITS=1200000: 42 consortia with 4,800 facilities by Spark and by DuckDB, equal, in one table (Java 17)
	@sh scripts/spark.sh
	@PYTHONPATH=build/spark:. $(PY) -m tests.bench.province --visits $(or $(VISITS),1200000)

lock:  ## renew the lock files (hashes, no addresses)
	@$(PY) -m piptools compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe --strip-extras -o requirements.lock pyproject.toml
	@$(PY) -m piptools compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe --strip-extras --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	@$(PY) -m piptools compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe --strip-extras -o requirements-spark.lock requirements-spark.in

docs: setup  ## regenerate docs/reference
	@$(PY) -m xinglin docs

clean:  ## remove everything that set-up and the demo made
	rm -rf .venv node_modules var build
