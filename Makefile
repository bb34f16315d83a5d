# tithe: everything a developer does, by name. `make help` lists it.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
PYTEST_ARGS ?=
BENCH_ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
# A lock names everything that is needed, so nothing is resolved: an older pip would meet a package that is wanted
# with an extra and take its newest release, which the lock does not know.
PIP := $(PY) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --no-deps

# A stamp carries the Python version or the checksum of a lock file in its name,
# so a new Python or a changed lock is seen, and an unchanged one costs nothing.
python-version := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
checksum = $(shell cksum $(1) | cut -d ' ' -f 1)
CREATED := $(VENV)/.created-$(python-version)
RUNTIME := $(VENV)/.runtime-$(call checksum,requirements.txt)
TESTING := $(VENV)/.testing-$(call checksum,requirements.txt)-$(call checksum,requirements-test.txt)
BENCHING := $(VENV)/.benching-$(call checksum,requirements.txt)-$(call checksum,requirements-bench.txt)

.DEFAULT_GOAL := help
.PHONY: help run setup test check fmt bench verify lock clean test-setup

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

run: export TITHE_ENV ?= development
run: setup  ## install, prepare the database, load demo data, serve on HOST:PORT
	@echo "Preparing the database"
	@$(PY) -m flask --app wsgi db upgrade
	@if [ "$$TITHE_ENV" = development ]; then $(PY) -m flask --app wsgi dev demo; fi
	@echo "Serving on http://$(HOST):$(PORT) - press Ctrl-C to stop"
	@exec $(PY) -m gunicorn --bind '$(HOST):$(PORT)' --worker-class tithe.web.workers.EvenThreads --workers 2 --threads 4 \
		--no-control-socket --log-level warning wsgi:app

setup: $(RUNTIME)  ## install what the application needs; start nothing
	@$(PY) -m tithe.developers.assets
	@$(PY) -m tithe.developers.files

test: test-setup check  ## run every check and test except the long ones
	@echo "Running the tests"
	@$(PY) -m pytest -m "not slow" --numprocesses 2 --dist loadfile $(PYTEST_ARGS)

check: $(TESTING)  ## format, lint, types and import rules; changes nothing
	@echo "Checking the code"
	@$(VENV)/bin/ruff format --check --quiet --output-format concise . || { echo "Run make fmt"; exit 1; }
	@$(VENV)/bin/ruff check --quiet .
	@$(PY) -m mypy --no-error-summary
	@report=$$($(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()' \
		--config tests/architecture/contracts.ini 2>&1) || { echo "$$report"; exit 1; }

fmt: $(TESTING)  ## put the code into the agreed format
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

bench: setup $(BENCHING)  ## measure speed; BENCH_ARGS=--write keeps the table in docs/
	@$(PY) -m tests.bench $(BENCH_ARGS)

verify: test-setup  ## run the long tests
	@$(PY) -m pytest -m slow --numprocesses 2 --dist load $(PYTEST_ARGS)

lock:  ## write the requirements*.txt files again from requirements*.in (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: python3 -m pip install uv"; exit 1; }
	for lock in requirements requirements-test requirements-bench requirements-node; do \
		uv pip compile --quiet --no-header --generate-hashes --universal --python-version 3.11 $$lock.in -o $$lock.txt || exit 1; \
	done

clean:  ## remove everything that was installed or fetched; keep data
	@rm -rf $(VENV) .cache static/govuk static/sent .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

test-setup: setup $(TESTING)
	@$(PY) -m tests.support.browser --setup

$(CREATED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "tithe needs Python 3.11 or newer as '$(PYTHON)'. Install it, or name another: make PYTHON=python3.12 ..."; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; \
		exit 1; }
	@echo "Making the Python environment"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(RUNTIME): $(CREATED)
	@echo "Installing what the application needs"
	@$(PIP) -r requirements.txt || { \
		echo "Installing failed. If the messages above speak of the network, check it and run the same command again."; \
		exit 1; }
	@rm -f $(VENV)/.runtime-*
	@touch $@

$(TESTING): $(RUNTIME)
	@echo "Installing what the tests need"
	@$(PIP) -r requirements-test.txt || { \
		echo "Installing failed. If the messages above speak of the network, check it and run the same command again."; \
		exit 1; }
	@rm -f $(VENV)/.testing-*
	@touch $@

$(BENCHING): $(TESTING)
	@echo "Installing what the benchmarks need"
	@$(PIP) -r requirements-bench.txt || { \
		echo "Installing failed. If the messages above speak of the network, check it and run the same command again."; \
		exit 1; }
	@rm -f $(VENV)/.benching-*
	@touch $@
