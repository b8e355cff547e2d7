# Everything a fresh machine with Python 3.11 and make needs: `make demo`, `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ENGINES := .venv-engines
BENCH := .venv-bench
SIZE ?= 1_000_000
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export MPLBACKEND := Agg

.PHONY: demo test check full bench test-engines lint types layers doctests docs docs-coverage clean

demo: $(VENV)/.installed
	@$(BIN)/python docs/demo.py

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest

# What `make test` runs, and everything that reads the code without running it.
check: lint types layers test doctests

full: $(VENV)/.installed-test
	HYPOTHESIS_PROFILE=full $(BIN)/python -m pytest

# Frames that live in Dask, Ibis and Spark, in an environment of its own (Spark needs Java 17).
test-engines: $(ENGINES)/.installed
	TU_ENGINES=1 $(ENGINES)/bin/python -m pytest tests/read/test_engines.py

$(ENGINES)/.installed: pyproject.toml
	$(PYTHON) -m venv $(ENGINES)
	$(ENGINES)/bin/python -m pip install --quiet --editable ".[engines]"
	@touch $@

# Ratios to other tools on SIZE made-up records, kept in docs/benchmarks.md.
bench: $(BENCH)/.installed
	$(BENCH)/bin/python benchmarks/run.py $(SIZE)

$(BENCH)/.installed: pyproject.toml
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --editable ".[bench]"
	@touch $@

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports

doctests: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --doctest-modules src --doctest-glob='*.md' README.md docs

# What pages, docstrings and pictures say of the code; a test fails when they are out of date.
docs: $(VENV)/.installed-dev
	$(BIN)/python docs/make.py

# The two pages of coverage, computed anew: minutes.
docs-coverage: $(VENV)/.installed-dev
	$(BIN)/python docs/make.py --coverage

clean:
	rm -rf $(VENV) $(ENGINES) $(BENCH) out .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test
