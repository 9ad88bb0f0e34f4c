# Two commands do it all: `make run` and `make test`. Both set up .venv first, once.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := run
.PHONY: run test quick check format posterior expected gallery docs bench prove lock clean help

run: .venv/ready  ## the base case: headline, tables and figures
	$(BIN)/model run

test: .venv/ready  ## lint, types, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto -rs -m "not slow"

quick: .venv/ready  ## the tests of equations, files and studies, in under a minute
	$(BIN)/pytest -n auto -m quick

check: .venv/ready  ## the assumptions and all scenarios, nothing simulated
	$(BIN)/model check

format: .venv/ready  ## lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

posterior: .venv/ready  ## posteriors/: that of the latest day from nothing, once a release
	$(BIN)/python -c 'import model; print(model.ship())'

expected: .venv/ready  ## rewrite the expected table of every scenario; then read the diff
	$(BIN)/python -m tests.expected

docs: .venv/ready  ## docs/assumptions.md, from the assumptions
	$(BIN)/python -m model.reporting.assumptions_page > docs/assumptions.md

gallery: export XIAOMI_MODEL_FROM_NOTHING = 1
gallery: .venv/ready  ## the figures of today as they are committed, those of the studies and of the base case too
	$(BIN)/model run
	$(BIN)/model tornado
	$(BIN)/model why moved
	$(BIN)/model why learned
	$(BIN)/model signposts
	$(BIN)/model memo --format md
	$(BIN)/model run --to 2030-12
	$(BIN)/model value
	$(BIN)/model run --as-of base
	$(BIN)/model why spread --as-of base
	$(BIN)/model why spread --as-of base --measure group.adjusted_net_profit
	$(BIN)/model solve --as-of base
	$(BIN)/model sweep orders_of_both_lines --as-of base
	$(BIN)/model compare price_war --as-of base --measure ev.gross_margin
	$(BIN)/model record

bench: .venv/ready .venv-peers/ready  ## speed, memory and precision, as ratios; other samplers on the same model
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.horizon
	$(BIN)/python -m benchmarks.backcast
	$(BIN)/python -m benchmarks.origins
	$(BIN)/python -m benchmarks.profit
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.today
	$(BIN)/python -m benchmarks.posterior
	$(BIN)/python -m benchmarks.record
	.venv-peers/bin/python -m benchmarks.peers

prove: .venv/ready  ## the long proofs: 10,000 cases of bad input, 100 kills of each command, 200 posteriors, every frozen forecast, every other Python
	$(BIN)/pytest -n auto -m slow --ignore tests/project/test_faults.py
	$(BIN)/pytest -n auto --cases 10000 --kills 100 --calibrations 200 --sequences 10000 --pythons tests/editor/test_sequences.py tests/inference/test_calibration.py tests/evaluation/test_register.py tests/project/test_bad_input.py tests/project/test_faults.py tests/project/test_determinism.py

LOCK := pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-header \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock: .venv/ready  ## both lock files anew, from pyproject.toml (needs pip-tools)
	$(LOCK) --extra dev -o requirements.lock pyproject.toml
	$(LOCK) --extra bench -o requirements-peers.lock pyproject.toml

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed: make PYTHON=python3.11 run")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	touch $@

# The other libraries have an environment of their own: they need older versions of some of what ours needs.
.venv-peers/ready: requirements-peers.lock pyproject.toml
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-peers.lock
	touch $@

clean:  ## remove the environments and caches
	rm -rf .venv .venv-peers .pytest_cache .mypy_cache .ruff_cache build *.egg-info

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12
