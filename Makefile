# Everything a newcomer needs: `make forecast` and `make test`.

VENV ?= .venv
STUDY ?= ukraine
PYTEST_ARGS ?=
# Processes that share the tests; a file's tests stay together, since they share fits.
WORKERS ?= 2
export VENV

.PHONY: forecast test test-slow lint format lock clean help

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

forecast:  ## install if needed, run the default study, say where the report is
	@tools/setup-venv
	@$(VENV)/bin/forecast run $(STUDY)

test:  ## install if needed, run the tests (services that are absent skip visibly)
	@tools/setup-venv --dev
	$(VENV)/bin/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(PYTEST_ARGS)

test-slow:  ## the tests that sample for minutes: recovery, coverage, every question at its opening
	@tools/setup-venv --dev
	$(VENV)/bin/python -m pytest -m slow $(PYTEST_ARGS)

lint:  ## style, format, types and the order of imports
	@tools/setup-venv --dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format:  ## put the code into the project's format
	@tools/setup-venv --dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

lock:  ## resolve the dependencies again; `make lock ARGS=--upgrade` takes newer releases
	@tools/setup-venv
	$(VENV)/bin/python tools/lock.py $(ARGS)

clean:  ## remove the environment and caches, never a study
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
