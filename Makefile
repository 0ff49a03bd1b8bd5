# Every target first makes .venv, once. Chosen on the command line where needed:
#   make book PYTHON=/path/to/python3
#   make book TORCH_INDEX=      # PyTorch from the package index, on Linux with CUDA
PYTHON ?= python3
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

BIN := .venv/bin
READY := .venv/ready
SITE_READY := .venv/site-ready
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help book test serve notebooks test-site lint benchmarks linkcheck clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 18

install = { uv pip install -q -p $(BIN)/python $(1) 2>/dev/null || $(BIN)/python -m pip install -q --disable-pip-version-check $(1); }

# The stamp is written last. Without it .venv is the rest of an interrupted install: begin again.
$(READY): requirements.txt pyproject.toml
	@set -e; \
	python=$$(for p in $(PYTHON) python3.14 python3.13 python3.12 python3.11; do \
	  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done) \
	  || { echo 'Python 3.11 or newer was not found: install it, or say where it is: make PYTHON=/path/to/python3' >&2; exit 1; }; \
	[ -e $@ ] || rm -rf .venv; rm -f $@; \
	[ -d .venv ] || uv venv -q --seed -p "$$python" .venv 2>/dev/null || "$$python" -m venv --clear .venv; \
	torch=$$(sed -n 's/^\(torch[^ ]*\).*/\1/p' requirements.txt); \
	if [ -n "$(TORCH_INDEX)" ] && [ "$$(uname)" = Linux ]; then \
	  echo "Installing $$torch for the CPU"; \
	  export UV_HTTP_TIMEOUT=10 PIP_RETRIES=0 PIP_TIMEOUT=10; \
	  $(call install,--no-deps --index-url $(TORCH_INDEX) "$$torch") 2>/dev/null || true; \
	  unset UV_HTTP_TIMEOUT PIP_RETRIES PIP_TIMEOUT; \
	fi; \
	echo 'Installing what requirements.txt names (the first time this takes minutes)'; \
	$(call install,-r requirements.txt); \
	touch $@

$(SITE_READY): $(READY)
	@$(call install,playwright)  # drives the browser
	@touch $@

book: $(READY) ## render the book
	@# What Sphinx keeps of a failed build would hide its warnings from the next one.
	@rm -rf _build/html  # or a page that was removed would still be served
	$(BIN)/jupyter-book build . -W --keep-going || { rm -rf _build/.doctrees; exit 1; }
	@echo 'The book is in _build/html. To read it: make serve, then open http://localhost:$(PORT)'

serve: $(READY) ## show the rendered book at http://localhost:8000
	@test -e _build/html/index.html || { echo 'There is no book yet: make book' >&2; exit 1; }
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

test: $(READY) ## run every test and re-execute every notebook
	@# In the order of their names: the longest file must not be left for the end and one worker.
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-site: $(SITE_READY) ## open every rendered page in a headless browser
	$(BIN)/python -m pytest tests/site

notebooks: $(READY) ## execute chapters/source into chapters (one of them: make notebooks ONE=05)
	$(BIN)/python tools/notebooks.py $(ONE)

lint: $(READY) ## check format, style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmarks: $(READY) ## time dlbook against PyTorch
	$(BIN)/python benchmarks/run.py

linkcheck: $(READY) ## follow every link to the outside
	$(BIN)/jupyter-book build . --builder linkcheck

clean: ## remove what was built, not .venv
	rm -rf _build build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
