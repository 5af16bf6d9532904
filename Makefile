# `make demo` grades two sample classes, `make test` runs what CI runs, `make` alone lists all targets.
VENV ?= .venv
BIN = $(VENV)/bin

OUT ?= references
# Each file of tests runs in one of these processes, so that what its tests share is made once.
JOBS ?= 2
PROOF = --all
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder
SMOKE = bundle_runs imports_by_name namespace notebook plugin public_surface sandbox

INPUTS ?= 1000
SEED ?= 7

.PHONY: help demo quick test nightly bundle smoke check proof build figures pictures benchmark references fuzz site

help: ## lists the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

# PYTHON=... makes the environment with another Python than the newest that runs; one that is there keeps its own.
$(VENV)/.installed: requirements.txt requirements-authors.txt requirements-colab.txt requirements-graders.txt requirements-cluster.txt requirements-staff.txt pyproject.toml
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { python=$${PYTHON:-$$(.ci/find-python)} && "$$python" -m venv --clear $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-staff.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

demo: $(VENV)/.installed ## grades two sample classes of archives; prints the tables and where the reports are
	@set -e; demo=$$(mktemp -d); $(BIN)/python staff/submissions/build.py "$$demo"; \
	for class in assignment2 hw4; do \
		$(BIN)/autograder grade "$$demo/$$class" --assignment $$class --out "$$demo/grades-$$class" --data data/samples || [ $$? -eq 1 ]; \
	done; \
	echo "Open $$demo/grades-assignment2/students/ and $$demo/grades-hw4/students/ in a browser."

quick: $(VENV)/.installed ## what every commit must pass: lint, types, contracts, a quick proof and the quick tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync check proof PROOF=--quick
	$(PYTEST) -m "not slow and not nightly"

test: $(VENV)/.installed ## what CI runs: lint, types, contracts, the proof of the course, and all but the longest tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync check proof
	$(PYTEST) -m "not nightly"

nightly: $(VENV)/.installed ## the tests that are left: training, the whole hostile corpus, the whole zoo, each Python
	$(BIN)/python -m pytest -m nightly staff/tests
	$(BIN)/python -m benchmarks.instructions
	@set -e; for version in 3.11 3.12 3.13; do \
		if python=$$(.ci/find-python $$version); then .ci/with-python "$$python" bundle; fi; \
	done

bundle: $(VENV)/.installed ## a student's way: the bundle's packages, checks in a kernel, all solutions from top to bottom
	$(BIN)/python -m pytest staff/tests/test_bundle_runs.py staff/tests/test_run.py staff/tests/test_release.py

smoke: $(VENV)/.installed ## what CI runs under the oldest Python: one topic, the sandbox, the commands, a check in a kernel
	$(BIN)/autograder verify --quick --topic rnn --jobs $(JOBS)
	$(PYTEST) -m "not nightly" $(SMOKE:%=staff/tests/test_%.py)

check: $(VENV)/.installed ## lint, types and contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

proof: $(VENV)/.installed
	$(BIN)/autograder verify $(PROOF) --jobs $(JOBS)

build: $(VENV)/.installed ## regenerates the cases in tests/ and the notebooks from staff/
	$(BIN)/autograder cases
	$(BIN)/autograder build

site: $(VENV)/.installed ## builds docs/ as a site in site/, with every link checked
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

figures: $(VENV)/.installed ## draws the figures of the notebooks anew
	$(BIN)/python -m staff.figures

pictures: $(VENV)/.installed ## draws the pictures of README.md and docs/ anew
	$(BIN)/python staff/pictures/draw.py

benchmark: $(VENV)/.installed ## measures the grader's speed and memory
	$(BIN)/python -m benchmarks.classes

references: $(VENV)/.installed ## trains every solution on real data: make references DATA=DIR [OUT=DIR]
	@test -n "$(DATA)" || { echo "make references DATA=DIR [OUT=$(OUT)]: DATA is missing, a data directory (docs/data.md)"; exit 2; }
	$(BIN)/python staff/references.py --data "$(DATA)" --out "$(OUT)"

fuzz: $(VENV)/.installed ## hostile inputs without end: make fuzz [INPUTS=N of each kind] [SEED=N]
	FUZZ_INPUTS=$(INPUTS) FUZZ_SEED=$(SEED) $(BIN)/python -m pytest -m nightly -rP staff/tests/test_fuzz.py
