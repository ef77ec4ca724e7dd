# Every target sets the environment up first: a fresh machine needs only Python >= 3.11, make and pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := $(VENV)-peers
WORKERS ?= 2
VERIFY_ARGS ?=
NOTEBOOKS ?=
# The linear systems are small: one BLAS thread a process is faster than several.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
export MPLBACKEND ?= Agg

.PHONY: verify test check notebooks peers paper lock clean format setup bench

verify: $(READY)
	$(BIN)/python -m pytest verify -n $(WORKERS) -q --report-dir reports $(VERIFY_ARGS)

test: $(READY)
	$(BIN)/python -m pytest tests -n $(WORKERS) -q

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --doctest-modules --doctest-glob="*.md" README.md docs mfbounds -q -p no:cacheprovider

notebooks: $(READY)
	$(BIN)/python notebooks/build.py $(NOTEBOOKS)

# Against the other libraries themselves: a large download, so no part of `make test`. A package that is missing is named.
peers: $(PEERS)/.ready
	JAX_PLATFORMS=cpu $(PEERS)/bin/python -m pytest tests_peers -q -rs -W default -p no:cacheprovider

$(PEERS)/.ready: pyproject.toml
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[peers]' pytest
	touch $(PEERS)/.ready

paper: $(READY)
	$(BIN)/python -m mfbounds ledger --write paper_constants.md

bench: $(READY)
	$(BIN)/python benchmarks/exact.py
	$(BIN)/python benchmarks/sampled.py
	$(BIN)/python benchmarks/orders.py
	$(BIN)/python benchmarks/baselines.py
	$(BIN)/python benchmarks/certified.py
	$(BIN)/python benchmarks/players.py
	$(BIN)/python benchmarks/symmetry.py

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: $(READY)

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "mfbounds needs Python >= 3.11"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $(READY)

# Takes the newest releases that the ranges of pyproject.toml allow and pins them.
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet '.[dev,notebooks]'
	$(VENV)-lock/bin/python -m pip freeze --exclude mfbounds > requirements.lock
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) $(PEERS) reports/verification.* .pytest_cache .mypy_cache .ruff_cache
