# What a newcomer needs is `make run` and `make test`; each sets up .venv on its first call.

PYTHON ?= python3.11 python3.12 python3.13 python3.14 python3
BIN := .venv/bin
READY := .venv/.ready
PEERS := .venv/.peers
TYPING := build/typing/quayside
COVERAGE := build/coverage.json
MEASURED = $(BIN)/python -W "ignore:Unable to activate pytest branch coverage" -m slipcover --immediate --json --out $(COVERAGE) -m

# Python shall keep what it has compiled, pytest's rewritten tests too: to do it again takes longer than many tests.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test format lint types contract system bench soak check

help: ## Show this list
	@sed -nE 's/^([a-z]+):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r target does; do \
		printf '  make %-9s %s\n' "$$target" "$$does"; done

setup: $(READY) ## Make .venv with everything that is needed here; PYTHON=… names the interpreter

run: $(READY) ## Serve the API on http://127.0.0.1:8000, its database included; ARGS=… are passed on
	@$(BIN)/quayside serve $(ARGS)

test: $(READY) ## Run every test that needs no server beside it, and hold branch coverage
	@mkdir -p $(dir $(COVERAGE))
	$(MEASURED) pytest --ignore=tests/system --ignore=tests/architecture -m "not soak and not server and not embedded" --side-by-side
	$(BIN)/python -m slipcover --merge $(COVERAGE) --out $(COVERAGE) --fail-under 90

format: $(READY) ## Format the code and mend what can be mended by itself
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lint: $(READY) ## Check format, style, and the rules of the architecture
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pytest -q tests/architecture

types: $(READY) $(TYPING) ## Check types, strictly
	$(BIN)/mypy

contract: $(READY) ## Run every port's suite on every adapter, real servers too, and every law on more examples
	$(BIN)/pytest tests/contract tests/properties --hypothesis-profile=check --side-by-side

system: $(READY) ## Run the real thing: processes, crashes, the wheel, this README
	$(BIN)/pytest tests/system

bench: $(PEERS) ## Measure against the peers; ONLY=money measures a part
	$(BIN)/python -m benchmarks $(ONLY)

soak: $(PEERS) ## Run what takes minutes: more examples, long tests, long measurements
	$(BIN)/pytest -m "soak or hypothesis" --hypothesis-profile=soak --side-by-side
	$(BIN)/python -m benchmarks --soak

check: lint types test contract system ## Run everything CI runs

# Repeated when a dependency changes, and complete only once the stamp is there.
$(READY): pyproject.toml constraints.txt
	@chosen= incomplete=; for python in $(PYTHON); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || continue; \
		if $$python -c 'import ensurepip, venv' 2> /dev/null; then chosen=$$python; break; fi; \
		incomplete=$$python; \
	done; \
	if [ -n "$$chosen" ]; then \
		echo "Setting up .venv with $$($$chosen --version); the first time takes a minute." >&2; \
		$$chosen -m venv .venv; \
	elif [ -n "$$incomplete" ]; then \
		echo "$$incomplete lacks its modules venv and ensurepip. On Debian and Ubuntu: apt install python3-venv" >&2; \
		exit 1; \
	else \
		echo "quayside needs Python 3.11 or newer, and none of these is: $(PYTHON)." >&2; \
		echo "Install one, or say where it is: make PYTHON=/where/it/is/python3 $(MAKECMDGOALS)" >&2; \
		exit 1; \
	fi
	@$(BIN)/python -m pip install -qq --constraint constraints.txt --upgrade pip
	@$(BIN)/python -m pip install -qq --constraint constraints.txt --build-constraint constraints.txt \
		--editable . --group dev
	@$(BIN)/python -m pytest --collect-only -qq > /dev/null || true # compiled now, the tests begin sooner
	@touch $@

# What is only measured beside: it slows no test down, and no check needs it.
$(PEERS): $(READY)
	@$(BIN)/python -m pip install -qq --constraint constraints.txt --group bench
	@touch $@

# setuptools imports src/ as quayside by a hook that type checkers cannot follow; they follow this link.
$(TYPING):
	@mkdir -p $(@D) && ln -sfn ../../src $@
