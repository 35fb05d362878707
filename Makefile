# 亮证 Liangzheng. `make help` lists what can be made.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9
JOBS ?= logical
RUN := .venv/bin/python -m
PIP := $(RUN) pip --disable-pip-version-check install --progress-bar off
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command 'make lock'
export PYTHONUNBUFFERED := 1

.PHONY: help demo test prove lint types web doctor lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-15s %s\n", $$1, $$2 }'
	@echo '  Settings: LIANGZHENG_PORT=8000 LIANGZHENG_DATA=./var (docs/reference/settings.md). Other Python: make PYTHON=python3.12 …'

demo: .stamps/app web ## show the whole job on a fictional city and keep serving it (Ctrl-C stops it)
	@$(RUN) liangzheng.server.cli demo $(ARGS)

test: .stamps/dev lint types ## every check and every test, browser ones included
	@$(RUN) dev.chromium
	@$(RUN) dev.softhsm
	@echo '== web tests'
	@$(RUN) dev.web npm run test
	@echo '== API document, migrations'
	@LIANGZHENG_DEMO=1 LIANGZHENG_DATA=var/test $(RUN) liangzheng.server.cli manage export_openapi --check
	@LIANGZHENG_DEMO=1 LIANGZHENG_DATA=var/test $(RUN) liangzheng.server.cli manage makemigrations --check --dry-run
	@echo '== tests'
	@$(RUN) pytest -n $(JOBS) --dist loadfile $(ARGS)

prove: .stamps/dev web ## the same tests at larger sizes (slow)
	@$(RUN) dev.chromium
	@$(RUN) dev.softhsm
	@$(RUN) pytest --hypothesis-profile=prove $(ARGS)

lint: .stamps/dev web ## ruff, import contracts, eslint
	@echo '== ruff'
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@echo '== import contracts'
	@.venv/bin/lint-imports
	@echo '== eslint'
	@$(RUN) dev.web npm run lint

types: .stamps/dev web ## mypy --strict, vue-tsc
	@echo '== mypy'
	@$(RUN) mypy
	@echo '== vue-tsc'
	@$(RUN) dev.web npm run types

web: .stamps/app ## build the pages when their sources changed
	@$(RUN) dev.web build

doctor: .stamps/app ## say what is missing on this machine and how to get it
	@$(RUN) liangzheng.server.cli doctor

lock: ## resolve requirements/*.in again into hash-locked requirements/*.txt
	@test -x .stamps/uv/bin/uv || { $(PYTHON) -m venv .stamps/uv && .stamps/uv/bin/pip install -q 'uv==$(UV_VERSION)'; }
	@for name in app dev node; do .stamps/uv/bin/uv pip compile -q --upgrade $(LOCK) requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean: ## remove what was built; the data in var/ stays
	rm -rf .venv .stamps .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache web/node_modules web/*/dist

.stamps/app: requirements/app.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo '$(PYTHON) is missing: install Python 3.11 or newer (Debian: apt-get install python3 python3-venv).'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is $$($(PYTHON) -V); liangzheng needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	@mkdir -p .stamps
	@test -x .venv/bin/python || { echo '== virtual environment'; $(PYTHON) -m venv .venv || { rm -rf .venv; echo 'The venv module is missing: apt-get install python3-venv.'; exit 1; }; }
	@echo '== Python packages (hash-locked)'
	@$(PIP) --require-hashes -r requirements/app.txt
	@$(PIP) -q --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@

.stamps/dev: .stamps/app requirements/dev.txt
	@echo '== Python packages for the tests (hash-locked)'
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@
