# One verb a target; `make help` lists them.
PORT ?= 8000
HOST ?=
DATA_DIR ?= var
ARGS ?=
export PORT HOST DATA_DIR PYTHON TLS

PYTHON_BIN := .venv/bin/python
PIP := $(PYTHON_BIN) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))
# A stamp is as new as what was installed from the lock file; an unchanged lock file costs nothing.
RUN := .venv/base.stamp node_modules/.stamp $(CATALOGUES)
DEV := .venv/dev.stamp $(RUN)

# Three test processes for two cores: a test that drives a browser or a worker mostly waits.
# Tests of arithmetic, files, style, of reports made from a run's files, and of what pages do in a browser: no database or
# broker makes a difference to them, so once, on SQLite, is enough. The whole journeys and the kills run on both.
SERVERLESS := tests/house tests/sheets tests/benchmarks tests/access/test_urls.py tests/deploy/test_serve.py \
    tests/journey/test_every_page.py tests/journey/test_guest_at_a_desk.py \
    $(wildcard tests/*/test_browser.py tests/*/test_*_browser.py) tests/surveys/test_kiosk_rules.py \
    $(addprefix tests/analytics/test_,how_sure.py evidence_report.py channel_report.py pages.py customers.py words.py) \
    $(filter-out tests/engine/test_spark.py,$(wildcard tests/engine/test_*.py))

.DEFAULT_GOAL := help
.PHONY: coverage help run setup test cluster-test check bench lock clean test-tools cluster-tools
.DELETE_ON_ERROR:

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(RUN) ## serve the shop until Ctrl-C: PORT=8000 HOST=127.0.0.1 DATA_DIR=var TLS=1
	@exec $(PYTHON_BIN) deploy/serve.py

setup: $(DEV) ## install all that running and testing need, into .venv and node_modules

test: $(DEV) test-tools ## run the tests on SQLite: ARGS="tests/house -k budget"
	@$(PYTHON_BIN) -m pytest -n 3 --dist worksteal $(ARGS)

cluster-test: $(DEV) .venv/spark.stamp test-tools cluster-tools ## run the tests on PostgreSQL, Redis and Spark: ARGS=…
	@deploy/cluster.sh $(PYTHON_BIN) -m pytest -n 3 --dist worksteal $(or $(ARGS),$(addprefix --ignore=,$(SERVERLESS)))

coverage: $(DEV) test-tools ## run the tests and see that pure modules and actions are covered to the last branch
	@$(PYTHON_BIN) -m pytest -n 3 --dist worksteal --cov --cov-report=term $(ARGS)

check: $(DEV) ## everything that needs no test run: style, types, imports, migrations, deployment, translations
	@deploy/check.sh

bench: $(RUN) ## measure: NAME=report
	@test -n "$(NAME)" || { echo "Which one? make bench NAME=$$(grep -l '^def main' benchmarks/*.py | sed 's/.*\///; s/\.py//' | paste -sd '|')"; exit 1; }
	@$(PYTHON_BIN) -m benchmarks.$(NAME) $(ARGS)

lock: .venv/dev.stamp ## write the lock files anew from requirements/*.in and package.json: ARGS=--upgrade
	@cd requirements && for name in base dev node spark; do \
	    ../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	        --custom-compile-command "make lock" $$(case $$name in dev|spark) echo --constraint base.txt;; esac) $$name.in -o $$name.txt $(ARGS); \
	done
	@deploy/npm.sh install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

clean: ## remove what make installed and built; the shop in DATA_DIR stays
	rm -rf .venv node_modules build $(CATALOGUES) .mypy_cache .ruff_cache .import_linter_cache .pytest_cache

.venv/base.stamp: requirements/base.txt
	@deploy/venv.sh
	@deploy/quietly.sh "Installing Python packages" $(PIP) -r requirements/base.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/base.stamp
	@deploy/quietly.sh "Installing the tests' Python packages" $(PIP) -r requirements/dev.txt
	@touch $@

# Optional: for whoever sets WAREHOUSE.
.venv/spark.stamp: requirements/spark.txt .venv/base.stamp
	@deploy/quietly.sh "Installing Spark" $(PIP) -r requirements/spark.txt
	@touch $@

node_modules/.stamp: package-lock.json .venv/base.stamp
	@deploy/quietly.sh "Installing npm packages" deploy/npm.sh ci --ignore-scripts --no-audit --no-fund
	@touch $@

%.mo: %.po .venv/base.stamp
	@deploy/quietly.sh "Compiling $*" .venv/bin/pybabel compile --input-file $< --output-file $@

test-tools:
	@deploy/test-tools.sh chromium fonts-noto-cjk gettext libreoffice-calc

cluster-tools:
	@deploy/test-tools.sh postgresql redis-server openjdk-17-jre-headless
