# `make help` explains. Everything is installed into .venv; the Pulumi engine into a cache that all clones share.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 4
# The engine's directory and the venv's come first on PATH: the engine starts whatever `python3` it finds there.
WITH_ENGINE = ENGINE="$$($(PYTHON) tools/pulumi/install.py)" && PATH="$(CURDIR)/$(BIN):$$ENGINE:$$PATH"
# Hypothesis draws the same examples each time, so that what fails is due to a change; `pytest` alone draws others.
SAME = --hypothesis-profile=ci

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo demo-down check test test-all fault-matrix screenshot browser coverage bench docs build clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*##/\1  /p' Makefile | awk '{name = $$1; $$1 = ""; printf "  make %-12s %s\n", name, $$0}'

demo: .venv/runtime  ## build the tutorial against the emulator with the real engine, and show what was activated
	@$(WITH_ENGINE) exec $(BIN)/python -m tools.demo

demo-down: .venv/runtime  ## undo the demo: destroy, stop the emulator, remove .demo
	@$(WITH_ENGINE) exec $(BIN)/python -m tools.demo down

check: .venv/development  ## format, lint, types (mypy; pyright strict for programs), direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports --no-logo

test: .venv/development  ## the test suite, with the real engine
	@$(WITH_ENGINE) $(BIN)/pytest -n $(WORKERS) --dist worksteal $(SAME) -m "not slow"

test-all: .venv/development .venv/cloud/ready browser tests/newman/node_modules  ## also the slow tests: other Pythons, oldest dependencies, cloud SDKs, a browser, newman, the docs, the demo from a clean clone
	@$(WITH_ENGINE) $(BIN)/pytest -n $(WORKERS) --dist worksteal $(SAME)

fault-matrix: .venv/development  ## cut off a real up and destroy at every call, in every way; written to docs/fault-matrix.md
	@mkdir -p docs
	@$(WITH_ENGINE) FAULT_MATRIX=docs/fault-matrix.md $(BIN)/pytest -n $(WORKERS) --dist worksteal tests/engine/test_faults.py -k whatever_is_cut_off

screenshot: .venv/development browser  ## the emulator's page with two destinations, written to docs/images/emulator.png
	@mkdir -p docs/images
	@SCREENSHOT=docs/images/emulator.png $(BIN)/pytest -q tests/test_emulator_page.py -k "chain_from_profile_store and not no-scripts"

browser:  # Chromium and its driver, for the tests of the emulator's page
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "[setup] chromium"; apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium chromium-driver >/dev/null; \
	else echo "[setup] no chromium and chromium-driver here, and no way to install them: the tests in a browser are skipped"; fi

coverage: .venv/development  ## branch coverage of the tests that run in this process
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -m "not slow and not engine"
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

bench: .venv/development tests/newman/node_modules  ## what it costs, beside budgets and rivals; written to benchmarks/README.md (QUICK=1: a taste)
	@$(WITH_ENGINE) $(BIN)/python benchmarks/run.py $(if $(QUICK),--quick) $(PART)

docs: .venv/development  ## build the docs site into site/, warnings are errors
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html; to search in it, and to read it while you write: .venv/bin/mkdocs serve"

build: .venv/development  ## build the wheel, check it, and go through docs/start.md with it in an empty environment
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	$(BIN)/twine check --strict dist/*.whl
	$(BIN)/python tools/check_wheel.py dist
	@$(WITH_ENGINE) WHEEL="$$(echo "$(CURDIR)"/dist/*.whl)" $(BIN)/pytest -q tests/engine/test_docs.py -k wheel

tests/newman/node_modules: tests/newman/package-lock.json
	@echo "[setup] newman"
	@npm ci --prefix tests/newman --silent --no-audit --no-fund
	@touch $@

clean:  ## remove what was installed and built here; the cached engine stays
	rm -rf .venv dist site tests/newman/node_modules .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# pip is what a virtual environment gets last; one that was cut off half-made has a python already.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "Python 3.10 or newer is needed; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "[setup] virtual environment"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

.venv/runtime: .venv/bin/pip pyproject.toml
	@echo "[setup] the package and the emulator"
	@$(BIN)/python -m pip install --quiet --editable '.[emulator]'
	@touch $@

.venv/development: .venv/bin/pip pyproject.toml
	@echo "[setup] the package, the emulator, and what the tests and checks need"
	@$(BIN)/python -m pip install --quiet --editable '.[emulator,cli]' --group dev
	@touch $@ .venv/runtime

# Apart from .venv: the engine fetches the plugin of each Pulumi package that it finds beside a program.
.venv/cloud/ready: .venv/bin/pip pyproject.toml
	@echo "[setup] Pulumi's packages for AWS and Azure, for the tests of programs that use them"
	@$(BIN)/python -m venv .venv/cloud
	@.venv/cloud/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	@.venv/cloud/bin/python -m pip install --quiet --no-compile --editable . --group cloud
	@touch $@
