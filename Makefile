# Everything a clone needs, from nothing: `make run` to see Hub at work, `make test` to prove it. `make help` lists the rest.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

export PYTHON ?= python3
export PIP_NO_INPUT := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet
FRONTEND := hub/web/static/dist/app.js
FRONTEND_SOURCES := $(wildcard frontend/src/* frontend/src/*/*) frontend/build.mjs frontend/tsconfig.json
CATALOGS := $(patsubst %.po,%.mo,$(wildcard hub/web/translations/*/LC_MESSAGES/messages.po))
NODE_MODULES := frontend/node_modules/.package-lock.json
CHECKED := hub tests scripts stubs $(wildcard bench)

.PHONY: help run setup test explore lint format audit bench check screenshots wheel lock migration phrases clean python servers

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 14

run: $(BIN)/hub $(FRONTEND) $(CATALOGS) ## set up what serving needs, then show the invented company on http://127.0.0.1:8000
	$(BIN)/hub demo --host 127.0.0.1 --port 8000

setup: $(VENV)/.dev $(BIN)/hub $(FRONTEND) $(CATALOGS) servers ## everything: system packages, virtualenv, front end

test: setup ## every test (ARGS="tests/web -k board" for some)
	$(BIN)/pytest $(ARGS)

explore: setup ## the tests that make up their own examples, with new ones and many
	$(BIN)/pytest --hypothesis-profile=explore -m hypothesis $(ARGS)

lint: $(VENV)/.dev $(BIN)/hub $(NODE_MODULES) ## style, types, layers, known vulnerabilities
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports
	scripts/npm run --silent lint
	$(BIN)/python scripts/audit.py

check: lint test ## what CI runs

format: $(VENV)/.dev ## put the code in its one style
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

bench: setup ## measure against the budgets
	$(BIN)/python -m bench $(ARGS)

screenshots: setup ## docs/screenshots/, of the invented company, for the README
	$(BIN)/python scripts/screenshots.py $(ARGS)

wheel: $(VENV)/.dev $(FRONTEND) $(CATALOGS) ## dist/commhub-*.whl, whole: migrations, templates, languages, front end inside
	$(BIN)/python -m build --no-isolation --wheel

migration: $(VENV)/.dev $(BIN)/hub ## write the migration that the models ask for (NAME="calls get a colour")
	$(BIN)/python scripts/new_migration.py "$(NAME)"

phrases: $(VENV)/.serve ## bring the catalogs of each language in line with the words in the code
	$(BIN)/python scripts/phrases.py gather

lock: $(VENV)/.dev ## choose versions again: requirements*.txt and frontend/package-lock.json
	scripts/lock
	scripts/npm update

clean: ## forget what was built; the next command builds it again
	rm -rf $(VENV) build dist hub/web/static/dist $(CATALOGS) frontend/node_modules

# ---- what the commands above stand on ----

python:
	@scripts/system-packages python

servers:
	@scripts/system-packages servers

$(BIN)/python: | python
	$(PYTHON) -m venv $(VENV)

# Enough to serve: `make run` stops here.
$(VENV)/.serve: requirements.txt requirements-build.txt | $(BIN)/python
	$(PIP) --require-hashes -r requirements.txt -r requirements-build.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	$(PIP) --require-hashes -r requirements-dev.txt
	touch $@

$(BIN)/hub: pyproject.toml $(VENV)/.serve
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(NODE_MODULES): frontend/package.json frontend/package-lock.json $(VENV)/.serve
	scripts/npm ci
	touch $@

$(CATALOGS) &: $(CATALOGS:.mo=.po) $(VENV)/.serve
	$(BIN)/python scripts/phrases.py compile

$(FRONTEND): $(FRONTEND_SOURCES) $(NODE_MODULES)
	scripts/npm run --silent build
