# Every command a person types. Written for GNU make 3.81 and later; `make` alone prints the list.

# The Python of .venv, or the newest that can make it; name another with `make course PYTHON=/where/it/is/python3.13`.
ifndef PYTHON
PYTHON := $(firstword $(shell for name in .venv/bin/python python3.14 python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))" 2>/dev/null && echo "$$name"; \
	done) python3)
endif
# Chapters to work on: `make grade CHAPTERS="linear dropout"`. Empty means all of them.
CHAPTERS ?=
# One notebook, and one exercise in it: `make reset NOTEBOOK=mine/linear.ipynb EXERCISE=own_linear`.
NOTEBOOK ?=
EXERCISE ?=
PORT ?= 8000
# Where `make student-copy` writes.
FOLDER ?= _build/student
# Where `make classroom` sets up a class.
CLASSROOM ?= ../classroom
# Parts of `make test-long`: PARTS="tests browser soak-1". Empty means all of them.
PARTS ?=
# Seeds of its soak, instead of 20: SEEDS=200.
SEEDS ?=
# The torch to try: `make test-torch TORCH=2.6.0`, or `oldest` or `newest`.
TORCH ?=
OLDEST_TORCH = $(shell sed -n 's/^  "torch>=\([0-9.]*\)",.*/\1/p' pyproject.toml)
# Address of a package index that only torch is taken from; README says when you need it.
export TORCH_INDEX

# What runs in .venv is named by its path (old makes look commands up on their own PATH); nbgrader needs PATH as well.
RUN := .venv/bin/python -m
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONNOUSERSITE := 1
export PYTHONUNBUFFERED := 1
# Python may store compiled modules, even if it may not elsewhere, because pip does not compile them here.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help python ready course book serve pdf zip student-copy lab mine reset sample grade classroom notebooks \
	validate weights check lint format lock test test-long test-classroom test-torch bench clean

help: ## show this list
	@awk 'BEGIN { FS = ":.*## "; print "Layer by Layer: make COMMAND" } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s  %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

python:
	@"$(PYTHON)" -c "import sys; sys.exit(sys.version_info < (3, 7))" 2>/dev/null || { \
		echo "No Python answers at '$(PYTHON)'. This course needs Python 3.11 to 3.14, from your system's packages or"; \
		echo "python.org. If it is not found automatically: make course PYTHON=/where/it/is/python3.13"; exit 1; }

ready: python
	@"$(PYTHON)" -m authoring.setup.install

##@ Start
course: ready ## install, build the book, make a sample class, and grade it
	@$(RUN) authoring.setup.make course

##@ Read
book: ready ## render the pages into _build/html
	@$(RUN) authoring book
serve: book ## show the book at http://127.0.0.1:8000 (PORT=8000)
	@echo "The book is at http://127.0.0.1:$(PORT); control-C ends it."
	@$(RUN) http.server $(PORT) --bind 127.0.0.1 --directory _build/html
pdf: book ## print the book into _build/layer-by-layer.pdf, by Chromium
	@$(RUN) authoring pdf
zip: book ## pack book and notebooks into _build/layer-by-layer.zip, to read offline
	@$(RUN) authoring zip
student-copy: ready ## write what students receive, without answers: FOLDER="../for-students"
	@$(RUN) authoring student-copy "$(FOLDER)"

##@ Practice
lab: ready ## open the student notebooks in JupyterLab
	@$(RUN) jupyterlab notebooks
mine: ready ## grade one notebook as an instructor's machine does: NOTEBOOK=path
	@$(RUN) autograder grade --mine "$(NOTEBOOK)"
reset: ready ## restore an exercise to its released text: NOTEBOOK=path EXERCISE=name
	@$(RUN) layerlab reset "$(NOTEBOOK)" $(if $(EXERCISE),"$(EXERCISE)",--list)

##@ Grade
sample: ready ## make a class of sample submissions in submitted/
	@$(RUN) autograder sample $(CHAPTERS)
grade: ready ## grade submitted/ into gradebook.db, feedback/ and reports/: CHAPTERS="linear"
	@$(RUN) autograder grade $(CHAPTERS)
classroom: ready ## try a term with JupyterHub and formgrader on this machine: CLASSROOM="../classroom"
	@$(RUN) autograder classroom "$(CLASSROOM)" $(CHAPTERS) --port "$(PORT)"

##@ Write
notebooks: ready ## execute and release the chapters whose text changed: CHAPTERS="linear"
	@$(RUN) authoring notebooks $(CHAPTERS)
validate: ready ## check that the exercises' tests tell right from wrong: CHAPTERS="linear"
	@$(RUN) autograder validate $(CHAPTERS)
weights: ready ## train the networks that ship with layerlab again, and rewrite their files in layerlab/data
	@$(RUN) authoring weights
lock: ready ## update requirements.txt from pyproject.toml, keeping pinned versions where possible
	@$(RUN) uv pip compile pyproject.toml --all-extras --constraint requirements-torch.txt --no-emit-package torch \
		--universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
		--quiet --output-file requirements.txt
format: ready ## fix and format code with ruff and oxfmt, and update MODULES.md
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .
	@.venv/bin/oxfmt
	@$(RUN) authoring modules

##@ Check
check: ready ## check that notebooks are up to date and that no release contains a solution
	@$(RUN) authoring check
	@$(RUN) authoring leaks
lint: ready ## check code and format (ruff, oxlint, oxfmt), types (mypy), and GitHub's workflow files
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@.venv/bin/oxlint
	@.venv/bin/oxfmt --check
	@$(RUN) mypy
	@$(RUN) check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@if command -v actionlint >/dev/null; then actionlint; else echo "actionlint is not installed here: CI runs it"; fi
test: ready ## run every check, with a summary; CHAPTERS="linear" runs what a change to these can break
	@$(RUN) authoring.setup.make test $(CHAPTERS)
test-long: ready ## run everything that takes long, in parts of up to an hour, and store what passed: PARTS="soak-1 corpus"
	@SEEDS="$(SEEDS)" $(RUN) authoring.setup.make test-long $(PARTS)
test-classroom: ready ## walk through a term in `make classroom`, in Chromium
	@$(RUN) pytest tests/browser/test_term_on_hub.py -m long -v
test-torch: ready ## test every chapter and reference with another torch: TORCH=2.6.0, oldest, or newest
	@test -n "$(TORCH)" || { echo "Which torch? make test-torch TORCH=2.6.0, or oldest, or newest"; exit 2; }
	@$(RUN) venv --clear --without-pip ".cache/torch/$(TORCH)"
	@$(RUN) pip --python ".cache/torch/$(TORCH)" install --no-compile $(if $(TORCH_INDEX),--index-url "$(TORCH_INDEX)") \
		"torch$(if $(filter newest,$(TORCH)),,==$(if $(filter oldest,$(TORCH)),$(OLDEST_TORCH),$(TORCH)))"
	@cd .cache/torch/$(TORCH)/lib/python*/site-packages && for folder in "$(CURDIR)"/.venv/lib/python*/site-packages; do \
		echo "import site; site.addsitedir('$$folder')" > others.pth; done # all else comes from .venv
	@".cache/torch/$(TORCH)/bin/python" -m tests.torch_version $(CHAPTERS)
bench: ready ## measure the grader's speed against stock nbgrader, on a quiet machine
	@$(RUN) benchmarks.measure $(CHAPTERS)
clean: ## remove build output (_build, caches); submissions and marks stay
	@rm -rf _build .cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path "./.venv/*" -prune -exec rm -rf {} +
