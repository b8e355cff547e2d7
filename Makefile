# Everything a fresh machine with Python 3.11 and make needs: `make demo`, `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# The newest Python that runs here, beside the one above; make matrix PYTHON_NEW=/path/to/it.
PYTHON_NEW ?= $(shell for v in 15 14 13 12; do python3.$$v -c '' 2>/dev/null && command -v python3.$$v && break; done)
VENV := .venv
BIN := $(VENV)/bin
ENGINES := .venv-engines
BENCH := .venv-bench
OLDEST := .venv-oldest
NEWEST := .venv-newest
AXE := $(VENV)/axe.min.js
ALL_CORES := -n auto --dist worksteal
SIZE ?= 1_000_000
CORES ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export MPLBACKEND := Agg
# Every core of a run, and every fresh interpreter that a test starts, reads what is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test quick check full matrix matrix-oldest matrix-newest bench test-engines test-page lint types layers \
	doctests docs docs-coverage clean

demo: $(VENV)/.installed
	@$(BIN)/python docs/demo.py

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(ALL_CORES)

# The tests of the rooms that a change touches, and the laws, in about a minute.
quick: $(VENV)/.installed-test
	HYPOTHESIS_PROFILE=brief $(BIN)/python tests/quick.py $(ALL_CORES)

# What `make test` runs, and everything that reads the code without running it.
check: lint types layers test doctests

# Every test at length, and how much of the library they run: about an hour on two cores. With
# HYPOTHESIS_PROFILE=deep laws are tried on 2,000 examples and not on 250: a night.
full: $(VENV)/.installed-test
	HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-full} $(BIN)/python -m pytest -m "" $(ALL_CORES) \
		--cov=targeted_universalism --cov-branch --cov-report=term

# What `make test` runs, on the oldest and on the newest releases that pyproject.toml allows.
matrix: matrix-oldest matrix-newest

matrix-oldest: $(OLDEST)/.installed
	$(OLDEST)/bin/python -m pytest $(ALL_CORES)

$(OLDEST)/.installed: pyproject.toml tests/oldest.py
	$(PYTHON) -m venv $(OLDEST)
	$(PYTHON) tests/oldest.py > $(OLDEST)/oldest.txt
	$(OLDEST)/bin/python -m pip install --quiet --constraint $(OLDEST)/oldest.txt --editable ".[test]"
	@touch $@

ifeq ($(PYTHON_NEW),)
matrix-newest:
	@echo "No newer Python is here: make matrix-newest PYTHON_NEW=/path/to/python3.13"
else
matrix-newest: $(NEWEST)/.installed
	$(NEWEST)/bin/python -m pytest $(ALL_CORES)
endif

$(NEWEST)/.installed: pyproject.toml
	$(PYTHON_NEW) -m venv $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --upgrade --upgrade-strategy eager --editable ".[test]"
	@touch $@

# Frames that live in Dask, Ibis and Spark, in an environment of its own (Spark needs Java 17).
test-engines: $(ENGINES)/.installed
	TU_ENGINES=1 $(ENGINES)/bin/python -m pytest tests/read/test_engines.py

$(ENGINES)/.installed: pyproject.toml
	$(PYTHON) -m venv $(ENGINES)
	$(ENGINES)/bin/python -m pip install --quiet --editable ".[engines]"
	@touch $@

# Pages in a browser, at a desk, on a phone and on paper: nobody kept out, nothing cut off. The
# browser is Debian's, installed where none is here; axe-core comes from npm, by the sum of its bytes.
test-page: $(AXE)
	TU_AXE=$(AXE) $(BIN)/python -m pytest tests/page

$(AXE): tests/page/tools.py $(VENV)/.installed-test
	$(BIN)/python tests/page/tools.py $@

# Ratios to other tools on SIZE made-up records, on CORES cores (all), kept in docs/benchmarks.md.
bench: $(BENCH)/.installed
	$(BENCH)/bin/python benchmarks/run.py $(SIZE) $(if $(CORES),--cores $(CORES))

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
	$(BIN)/python -m pytest $(ALL_CORES) --doctest-modules src --doctest-glob='*.md' README.md docs

# What pages, docstrings and pictures say of the code; a test fails when they are out of date.
docs: $(VENV)/.installed-dev
	$(BIN)/python docs/make.py

# The four pages of coverage, computed anew: minutes.
docs-coverage: $(VENV)/.installed-dev
	$(BIN)/python docs/make.py --coverage

clean:
	rm -rf $(VENV) $(ENGINES) $(BENCH) $(OLDEST) $(NEWEST) out .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@echo "Setting up once: Python's own environment in $(VENV), then pandas, scipy, matplotlib and a few more (about a minute) …"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(VENV)/bin/python
	@echo "Installing the library and what it needs; each package is named as it comes …"
	$(BIN)/python -m pip install --progress-bar off --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test
