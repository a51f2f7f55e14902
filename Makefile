# make run and make test set up everything they need. The other targets are for people who work on watcher.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV_READY := $(VENV)/.dev-ready
# the compiled core of the matcher is built where that works (hatch_build.py)
INSTALL := WATCHER_BUILD_CORE=auto $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable

BENCHES := match quality copies recall rules articles captures cli

.PHONY: run test demo lint unit faults diff-match dist clean $(BENCHES:%=bench-%)

# shows that the installation works, and mistakes in the rules, before the service takes the terminal; with mistakes
# the service goes on with the last good rules, or does not start
run: $(READY)
	@$(BIN)/watcher --version
	@$(BIN)/watcher check || true
	@$(BIN)/watcher run

test: lint unit

demo: $(DEV_READY)
	@PYTHONPATH=tests $(BIN)/python -m demo

lint: $(DEV_READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(DEV_READY)
	$(BIN)/pytest -n auto --dist loadgroup -m "not slow"

# the long form of every test, and a table of what can go wrong and whether it held
faults: $(DEV_READY)
	@$(INSTALL) '.[fuzz]'
	PYTHONPATH=tests $(BIN)/pytest -p faults.table -n auto --dist loadgroup -m "slow or scenario"

bench-recall: ARGUMENTS = $(if $(DATA),--data '$(DATA)') $(if $(NEWS),--news '$(NEWS)')

# bench/README.md explains what a bench prints
$(BENCHES:%=bench-%): bench-%: $(DEV_READY)
	$(INSTALL) '.[bench]'
	$(BIN)/python bench/$*.py $(ARGUMENTS)

diff-match: $(DEV_READY)
	$(INSTALL) '.[bench]'
	$(BIN)/python bench/diff_match.py

# a pure wheel and the sdist, ready to upload
dist: $(DEV_READY)
	$(BIN)/python -m hatchling build

$(READY): pyproject.toml constraints.txt hatch_build.py
	@echo "setting up $(VENV): about a minute, the first time"
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) .
	@touch $@

$(DEV_READY): $(READY)
	@echo "adding what the tests need: about a minute, the first time"
	@$(INSTALL) '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist
