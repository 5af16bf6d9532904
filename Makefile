# Two commands set everything up: `make demo` grades a sample class, `make test` runs everything that CI runs.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

OUT ?= references
INPUTS ?= 10000
SEED ?= 7

.PHONY: demo test check build benchmark references fuzz

$(VENV)/.installed: requirements.txt requirements-staff.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-staff.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

demo: $(VENV)/.installed
	@set -e; demo=$$(mktemp -d); $(BIN)/python staff/submissions/build.py "$$demo"; \
	for class in assignment2 hw4; do \
		$(BIN)/autograder grade "$$demo/$$class" --assignment $$class --out "$$demo/grades-$$class" --data data/samples || [ $$? -eq 1 ]; \
	done; \
	echo "Open $$demo/grades-assignment2/students/ and $$demo/grades-hw4/students/ in a browser."

test: check
	$(BIN)/autograder verify
	$(BIN)/python -m pytest staff/tests

check: $(VENV)/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict autograder

build: $(VENV)/.installed
	$(BIN)/autograder cases
	$(BIN)/autograder build

benchmark: $(VENV)/.installed
	$(BIN)/python benchmarks/isolation.py

references: $(VENV)/.installed
	@test -n "$(DATA)" || { echo "make references DATA=DIR [OUT=$(OUT)]: DATA is missing, a data directory (docs/data.md)"; exit 2; }
	$(BIN)/python staff/references.py --data "$(DATA)" --out "$(OUT)"

fuzz: $(VENV)/.installed
	$(BIN)/python staff/fuzz/run.py --inputs $(INPUTS) --seed $(SEED) --failures fuzz-failures
