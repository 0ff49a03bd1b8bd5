# Every target first makes .venv, once. Chosen on the command line where needed:
#   make book PYTHON=/path/to/python3
#   make book TORCH_INDEX=      # PyTorch from the package index, on Linux with CUDA
PYTHON ?= python3
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

BIN := .venv/bin
READY := .venv/ready
SITE_READY := .venv/site-ready
PORT ?= 8000
# Two workers take one file after the other, in the order of conftest.py: the longest notebook first.
PYTEST := $(BIN)/python -m pytest
WORKERS := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help book pdf epub test check serve notebooks test-site test-live lint layout mutants benchmarks linkcheck clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 18

$(READY): requirements.txt pyproject.toml
	@sh tools/venv.sh "$(PYTHON)" "$(TORCH_INDEX)"

$(SITE_READY): $(READY) Makefile
	@# playwright drives the browser, axe finds what shuts people out, pypdf reads what was printed.
	@$(BIN)/python -m pip install -q --disable-pip-version-check playwright axe-playwright-python pypdf
	@touch $@

book: $(READY) ## render the book
	@# What Sphinx keeps of a failed build would hide its warnings from the next one.
	@rm -rf _build/html  # or a page that was removed would still be served
	$(BIN)/jupyter-book build . -W --keep-going || { rm -rf _build/.doctrees; exit 1; }
	@rm -rf build/lib  # or the wheel, from which notebooks elsewhere install, would hold files that are gone
	$(BIN)/python -m pip wheel -q --no-deps --no-build-isolation --disable-pip-version-check -w _build/html .
	@echo 'The book is in _build/html. To read it: make serve, then open http://localhost:$(PORT)'

pdf: $(SITE_READY) ## print the whole book into _build/print/book.pdf (a chapter: make pdf ONE=losses)
	@test -e _build/html/index.html || $(MAKE) book
	$(BIN)/python tools/pdf.py $(ONE)

epub: $(SITE_READY) ## the whole book for readers of e-books, _build/print/book.epub (a chapter: make epub ONE=losses)
	@test -e _build/html/index.html || $(MAKE) book
	$(BIN)/python tools/epub.py $(ONE)

serve: $(READY) ## show the rendered book at http://localhost:8000
	@test -e _build/html/index.html || { echo 'There is no book yet: make book' >&2; exit 1; }
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

test: $(READY) ## run every test and execute every notebook (some: make test ONE=losses, ONE=tests/test_optim.py)
	$(PYTEST) $(if $(ONE),$(or $(wildcard chapters/$(ONE)*.ipynb),$(ONE)),$(WORKERS))

check: $(READY) ## make test without the notebooks that passed and depend on nothing that has changed
	$(PYTEST) $(WORKERS) --changed

test-site: $(SITE_READY) ## open every rendered page in a headless browser
	$(PYTEST) -n 2 tests/site

test-live: $(SITE_READY) ## run every cell of every chapter in its page, as a reader would (an hour)
	$(PYTEST) tests/site/test_live.py --every-chapter -k every_cell -s

notebooks: $(READY) ## execute chapters/source into chapters (one of them: make notebooks ONE=losses or ONE=4)
	$(BIN)/python tools/notebooks.py $(ONE)

lint: $(READY) ## check format, style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

mutants: $(READY) ## plant each mistake of tests/mutants.txt; the tests must see it (hours; goes on where it stopped)
	$(BIN)/python tools/mutants.py

layout: $(READY) ## draw into CONTRIBUTING.md who imports whom
	$(BIN)/python tools/layout.py --write

benchmarks: $(READY) ## time dlbook against PyTorch
	$(BIN)/python benchmarks/run.py

linkcheck: $(READY) ## follow every link to the outside
	$(BIN)/jupyter-book build . --builder linkcheck

clean: ## remove what was built, not .venv
	rm -rf _build build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
