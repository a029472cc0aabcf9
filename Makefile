# Carillon. Needs git, make, Python 3.11-3.13 and pip; everything else is installed into this folder.
.DEFAULT_GOAL := help
.PHONY: help run test lint format bench doctor faults build clean
# One target at a time: they share .venv and frontend/node_modules.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-8s %s\n", $$1, $$2 }'

run: build ## Start everything on http://localhost:8000 (PORT=8765 make run chooses another port)
	@exec $(PYTHON) -m realtime.supervisor

build: ## Install the locked packages and build the web page, where something changed
	@tools/setup
	@$(PYTHON) tools/frontend.py build

test: ## Run every test: Python, TypeScript, browser, faults; on SQLite and PostgreSQL (PARTS="sqlite browser" picks)
	@tools/setup test pg e2e
	@$(PYTHON) tools/frontend.py build
	@$(PYTHON) -m tests.support.chromium >/dev/null
	@$(PYTHON) tools/test.py $(PARTS)

lint: ## Check style and types of Python and TypeScript
	@tools/setup test lint e2e
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) tools/frontend.py lint

format: ## Format the Python code
	@tools/setup lint
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: ## Measure speed and memory beside other servers (BENCH="--quick" or "--scenarios idle,connect" picks)
	@tools/setup test pg bench
	@exec $(PYTHON) -m benchmarks.run $(BENCH)

doctor: ## Examine the running instance: a line for each thing, with how to mend what is wrong
	@exec $(PYTHON) manage.py doctor $(DOCTOR)

faults: ## Kill, empty and cut off real processes while clients talk, on both databases (FAULTS_SCALE=30 for longer)
	@tools/setup test pg e2e
	@FAULTS_SCALE=$${FAULTS_SCALE:-10} $(PYTHON) tools/test.py proof-postgres proof-sqlite faults-sqlite faults-postgres measures-sqlite measures-postgres

clean: ## Remove what was installed and built; the data in var/ stays
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis frontend/node_modules frontend/*/node_modules frontend/*/dist benchmarks/peers/*/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
