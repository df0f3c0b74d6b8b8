.DEFAULT_GOAL := help
.PHONY: help ready up test faults bench lint contract fmt clean

PYTHON ?= python3
RUN := .venv/bin
MEMBERS = kit $(wildcard services/*) deploy/machine tests bench bin/bootstrap

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

ready:
	@$(PYTHON) bin/bootstrap

up: ready ## run everything here; Ctrl-C stops it (SPILNO_PORT_BASE, SPILNO_DATA)
	@exec $(RUN)/python -m machine up

test: ready ## get a browser and cameras, run all tests, lint beside them
	@log=$$(mktemp); \
	{ $(MAKE) --no-print-directory lint >$$log 2>&1 || { echo; cat $$log; false; }; } & lint=$$!; \
	$(RUN)/python -m tests.identity_keycloak.server >/dev/null 2>&1 & \
	$(RUN)/python -m machine browser && $(RUN)/python -m machine cameras && $(RUN)/pytest -n 4; tests=$$?; \
	wait $$lint || { echo "lint failed:"; tail -n 20 $$log; tests=1; }; rm -f $$log; exit $$tests

faults: ready ## break everything in turn under load, at length; the table goes into docs/faults.md
	@SPILNO_FAULTS=full $(RUN)/pytest tests/faults

bench: ready ## measure beside something else: a table and bench/results.json (NAME=…, SCALE=full)
	@$(RUN)/uv sync --locked --inexact --group bench --quiet
	@PYTHONPATH=kit/tests $(RUN)/python -m bench

lint: ready ## style, types, imports, contract
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	@set -e; for member in $(MEMBERS); do echo "mypy $$member"; $(RUN)/mypy --no-error-summary $$member; done
	$(RUN)/lint-imports
	$(RUN)/buf lint proto
	$(RUN)/buf breaking proto --against proto/released.binpb

contract: ready ## accept the contract as it stands: later changes must not break it
	$(RUN)/buf build proto --exclude-source-info -o proto/released.binpb

fmt: ready ## format and mend what can be mended
	$(RUN)/ruff check --fix
	$(RUN)/ruff format

clean: ## remove what make built; the data in .spilno stays
	rm -rf .venv .tools .mypy_cache .ruff_cache .import_linter_cache proto/gen
