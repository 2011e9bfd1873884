# Everything a user or a machine needs: `make demo`, `make test`, `make dev`. All set-up happens by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.9
JUNHENG_HOME ?= data
export JUNHENG_HOME
export DAGSTER_DISABLE_TELEMETRY := 1
export GX_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help setup demo test quick check search bench recall dev serve lock clean

help:  ## show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.installed  ## .venv with the locked packages and .venv/bin/junheng

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "junheng needs Python 3.11 or newer (PYTHON=… make)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(UV) || $(BIN)/python -m pip install --quiet 'uv==$(UV_VERSION)'
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup  ## sample prefecture: generate, receive, run, dashboards
	$(BIN)/python -m pipelines.demo

test: setup  ## lint, types, room rules and all tests
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto

quick: setup  ## the tests that take no long
	$(BIN)/pytest -x -m 'not slow'

search: setup  ## property tests with examples of their own
	HYPOTHESIS_PROFILE=search $(BIN)/pytest -n auto $(shell grep -rl hypothesis tests --include='test_*.py')

bench: setup  ## measure, print ratios
	$(BIN)/python -m tests.bench

recall: setup  ## plant faults many times and count what is found; damage 2,000 files
	$(BIN)/python -m tests.recall
	$(BIN)/python -m tests.recall.damaged

dev: setup  ## open Dagster on 127.0.0.1
	$(BIN)/junheng dev

serve: setup  ## show the dashboards on 127.0.0.1
	$(BIN)/junheng serve

lock:  ## resolve the dependencies again into requirements.lock
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	  --no-emit-index-url --no-emit-find-links --group dev -o requirements.lock pyproject.toml
	@! grep -nE '://|--(index-url|extra-index-url|find-links)' requirements.lock

clean:  ## remove the environment and caches (never the data)
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis
