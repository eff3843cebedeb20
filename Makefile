SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
STAMP := .venv/.stamp
# Compiled once, however this shell is set up: starting a client takes half the time.
unexport PYTHONDONTWRITEBYTECODE
TOUR := build/tour
WORKERS ?= 2
CHECKED := $(wildcard carelink tests benchmarks)

.PHONY: help run setup test lint types contracts unit e2e bench soak tour format lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(STAMP) ## open the demonstration (pictures of it in build/tour where there is no display)
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ] || [ "$$(uname -s)" != Linux ]; then \
	    $(PYTHON) -m carelink demo --open; \
	else \
	    echo 'There is no display here: CareLink takes pictures of its windows instead.'; \
	    $(PYTHON) -m carelink tour --out $(TOUR); \
	    echo 'The pictures are the PNG files in $(TOUR).'; \
	fi

setup: $(STAMP) ## make .venv with the locked dependencies (any other target does it too)
	@echo 'CareLink is set up in .venv.'

$(STAMP): requirements.lock pyproject.toml installer/dev/setup.sh
	@installer/dev/setup.sh

test: lint types contracts $(STAMP) ## everything that must hold; .ci/run calls this
	@$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal -m 'not slow'

lint: $(STAMP)
	@$(PYTHON) -m ruff check $(CHECKED)
	@$(PYTHON) -m ruff format --check $(CHECKED)

types: $(STAMP)
	@$(PYTHON) -m mypy $(CHECKED)

contracts: $(STAMP)
	@.venv/bin/lint-imports --no-logo

unit: $(STAMP) ## the tests that start no process
	@$(PYTHON) -m pytest -n $(WORKERS) -m 'not e2e and not slow'

e2e: $(STAMP) ## the tests with a real hub and real clients
	@$(PYTHON) -m pytest -m e2e

bench: $(STAMP) ## figures, each against its floor measured in the same run
	@for figure in first_sync time_line start live team_leave workstation; do $(PYTHON) -m benchmarks.$$figure; done

soak: $(STAMP) ## the long runs, for a night
	@$(PYTHON) -m pytest -m slow --hypothesis-profile soak --timeout 0

tour: $(STAMP) ## pictures of every screen, in build/tour
	@$(PYTHON) -m carelink tour --out $(TOUR)

format: $(STAMP) ## let ruff lay out the code and fix what it can
	@$(PYTHON) -m ruff check --fix $(CHECKED)
	@$(PYTHON) -m ruff format $(CHECKED)

lock: $(STAMP) ## write requirements.lock again (UPGRADE=--upgrade takes the newest versions)
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install -q 'uv==0.13.9'
	@build/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate $(UPGRADE) --extra hub --group dev pyproject.toml -o requirements.lock

clean: ## remove what was built, but .venv
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .benchmarks
	@find $(CHECKED) -name __pycache__ -prune -exec rm -rf {} +
