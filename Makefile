# Every target installs what it needs into .venv first. `make demo` is the one to begin with.
.DEFAULT_GOAL := help
.PHONY: help demo up down logs test check bench images install
SHELL := /bin/bash

# The first Python that is new enough and really runs (a version manager's shim may lead nowhere).
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python && break; done)
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet -c constraints.txt
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
BUILD ?= docker build
RUNNABLE := .venv/.onebox
TESTABLE := .venv/.check

help:
	@echo "make demo [DATA=file.csv TEXT=column LABEL=column]   the main job, from your data to your endpoint"
	@echo "make up | down | logs [PART=web]                      the service on this machine, in the background"
	@echo "make test | check | bench                             tests; lint, types, contracts; measurements"
	@echo "make images [BUILD='buildah build --format docker']   what docker/compose.yaml runs"
	@echo "make install                                          everything the above needs, into .venv"

demo: $(RUNNABLE)
	@$(PY) manage.py demo $(if $(DATA),--data "$(DATA)") $(if $(TEXT),--text "$(TEXT)") $(if $(LABEL),--label "$(LABEL)")

up: $(RUNNABLE)
	@$(PY) manage.py up

down: $(RUNNABLE)
	@$(PY) manage.py down

logs: $(RUNNABLE)
	@$(PY) manage.py logs --follow $(PART)

test: $(TESTABLE)
	$(PY) -m pytest -n 2 --dist loadgroup

# The settings of the tests name stores that do not exist: nothing here needs one.
check: export DJANGO_SETTINGS_MODULE = tests.settings
check: export LANDFALL_LOG_LEVEL = ERROR
check: $(TESTABLE)
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports
	.venv/bin/mypy
	$(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PY) manage.py spectacular --validate --fail-on-warn >/dev/null

bench: $(TESTABLE)
	@for file in tests/benchmarks/[!_]*.py; do $(PY) -m tests.benchmarks.$$(basename $$file .py) || exit 1; done

images:
	@for image in web worker runtime; do \
		$(BUILD) -f docker/$$image.Dockerfile -t landfall-$$image:$(VERSION) . || exit 1; done

install: $(TESTABLE)

$(PY):
	@test -n "$(PYTHON)" || { echo "Landfall needs Python 3.11 or newer; none was found. Name one: make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv

$(RUNNABLE): pyproject.toml constraints.txt | $(PY)
	@echo "Installing into .venv; the first time this takes some minutes ..."
	@$(PIP) -e '.[onebox]'
	@touch $@

$(TESTABLE): pyproject.toml constraints.txt | $(PY)
	@echo "Installing into .venv; the first time this takes some minutes ..."
	@$(PIP) -e '.[check]'
	@touch $@ $(RUNNABLE)
