# make run, make test: everything they need, they set up themselves. The rest is for those who work on watcher.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

BENCHES := match quality copies rules articles captures

.PHONY: run test demo lint unit faults diff-match clean $(BENCHES:%=bench-%)

run: $(READY)
	@$(BIN)/watcher run

test: lint unit

demo: $(READY)
	@PYTHONPATH=tests $(BIN)/python -m demo

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(READY)
	$(BIN)/pytest -n auto --dist loadgroup -m "not slow"

# the long form of everything, and what came of each thing that can go wrong
faults: $(READY)
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	PYTHONPATH=tests $(BIN)/pytest -p faults.table -n auto --dist loadgroup -m "slow or scenario"

# what a bench prints is explained in bench/README.md
$(BENCHES:%=bench-%): bench-%: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python bench/$*.py

diff-match: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python bench/diff_match.py

$(READY): pyproject.toml constraints.txt
	@echo "setting up $(VENV): a minute or two, the first time"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist
