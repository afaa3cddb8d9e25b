# Everything here starts from a clean clone with Python 3.11 or later and make; nothing else is assumed.
# Each target makes its own virtual environment first, and only again when the pinned dependencies change.
# Where packages come from is the machine's own pip configuration.

PYTHON ?= python3
JOBS ?= 3
ONCE ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PEERS := build/bench-peers
PACKAGES := gateway adapters mappings auth conformance
RUN := env -u PYTHONDONTWRITEBYTECODE # many processes start: each would compile every module again
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types contracts drift bench chaos conformance lock openapi clean

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

demo: $(READY) ## run gateway and simulated agencies; with ONCE=1 play the scenario, judge it and end
	@$(RUN) $(BIN)/raabta demo $(if $(ONCE),--once) $(ARGS)

test: $(READY) ## run the whole test suite; JOBS=n in n processes (many wait for sockets: more than processors is faster)
	@$(RUN) $(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: lint types contracts drift ## lint, types, architecture contracts, drift of the published OpenAPI documents

lint: $(READY)
	@echo "== lint"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@echo "== types"
	@$(BIN)/mypy

contracts: $(READY)
	@echo "== architecture contracts"
	@$(BIN)/lint-imports --no-logo

drift: $(READY)
	@echo "== published OpenAPI documents"
	@$(BIN)/python -m pytest -q tests/house/test_openapi_documents.py

KILLS ?= 1000
RESTARTS ?= 200
STEPS ?= 1000000
CROWD ?= 20000
CUTS ?= 50
MINUTES ?= inf

chaos: $(READY) ## kill, restart and simulate for hours, MINUTES=n at most for each test; its table goes into docs/reliability.md
	@RAABTA_CHAOS_KILLS=$(KILLS) RAABTA_CHAOS_RESTARTS=$(RESTARTS) RAABTA_CHAOS_STEPS=$(STEPS) \
		RAABTA_CHAOS_CROWD=$(CROWD) RAABTA_CHAOS_CUTS=$(CUTS) RAABTA_CHAOS_MINUTES=$(MINUTES) RAABTA_CHAOS_REPORT=docs/reliability.md \
		$(BIN)/python -m pytest -q -p no:xdist -o log_cli=true -o log_cli_level=WARNING tests/chaos $(ARGS)

bench: $(READY) $(PEERS)/ready ## measure; ARGS="--quick" for less; what each benchmark prints is explained in benchmarks/README.md
	@for each in $$(ls benchmarks/*.py | grep -v __init__); do echo "== $$each"; \
	$(BIN)/python -m $$(echo $${each%.py} | tr / .) $(ARGS) || exit 1; done

conformance: $(READY) ## start the inspector's simulated agencies; ARGS="--help" for what else it does
	@$(BIN)/raabta-conformance $(if $(ARGS),$(ARGS),agencies)

openapi: $(READY) ## write the published OpenAPI documents anew from the code
	@$(BIN)/python -m tests.house.openapi_documents

lock: ## resolve the dependencies of pyproject.toml anew into requirements.lock (asks the package index)
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip --disable-pip-version-check --quiet install pip-tools
	@CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/pip-compile --quiet $(ARGS) \
		--output-file requirements.lock pyproject.toml
	@sed '/^--/d' requirements.lock > build/lock/bare && mv build/lock/bare requirements.lock # where packages come from is each machine's own

clean: ## remove the virtual environment, caches and what a local run has left
	@rm -rf $(VENV) build var .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info
	@find $(PACKAGES) tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Raabta needs Python 3.11 or later; name one: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing pinned and hashed dependencies into $(VENV); a minute or two, once."
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# What translation is measured against: one of them demands an older lxml than ours, so they live apart.
$(PEERS)/ready: benchmarks/peers/requirements.txt
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --requirement $<
	@touch $@
