# `make reproduce` and `make test` set everything up themselves: they need Python >= 3.11 and nothing else.
SHELL := /bin/bash
VENV ?= .venv
CONFIG ?=
CORES ?= all
READY := $(VENV)/.ready
SITE := $(VENV)-site
BIN := $(VENV)/bin
SNAKEMAKE = $(BIN)/snakemake --cores $(CORES)
# Where Python is told to keep no bytecode (containers), each job would compile torch and the rest anew: 4 s of most.
unexport PYTHONDONTWRITEBYTECODE
OVERLAY = $(if $(CONFIG),--configfile $(CONFIG))  # last: it takes all words that follow

.PHONY: help reproduce publication report smoke test test-slow test-cluster lint format unlock environment config lock envs \
        site site-environment container clean

help:                ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/:/' | column -t -s ':'

reproduce: $(READY)  ## meshes to tables, figures and report (CONFIG=presets/smoke.yaml for another run)
	$(SNAKEMAKE) $(OVERLAY)
	$(SNAKEMAKE) --report results/report.zip $(OVERLAY)
	@echo; echo "Done. Look at results/ (results/README.md says where each thing lies) and results/report.zip."

publication: $(READY)  ## tables and figures again, from the scores that are there
	$(SNAKEMAKE) publication $(OVERLAY)

report: $(READY)     ## the Snakemake report of what is there
	$(SNAKEMAKE) --report results/report.zip $(OVERLAY)

smoke: $(READY)      ## the whole pipeline, tiny, in a few minutes
	$(MAKE) reproduce CONFIG=presets/smoke.yaml

unlock: $(READY)     ## after a run was killed, before it is started again
	$(SNAKEMAKE) --unlock $(OVERLAY)

test: $(READY)       ## the fast tests, on all cores
	@# one worker more than cores: many tests wait for programs that they start, and for the disk
	$(BIN)/python -m pytest -n $$($(BIN)/python -c 'import os; print(min(8, os.cpu_count() + 1))') $(PYTEST_OPTIONS)

test-slow: $(READY)  ## the long checks
	$(BIN)/python -m pytest -m slow $(PYTEST_OPTIONS)

test-cluster: $(READY)  ## runs through a one-node Slurm on this machine (root, Debian)
	$(BIN)/python -m pytest -m slow -rs tests/cluster $(PYTEST_OPTIONS)

lint: $(READY)       ## ruff, mypy, snakefmt, snakemake --lint
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

format: $(READY)     ## let the formatters do it
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format . && $(BIN)/snakefmt Snakefile rules

environment: $(READY)  ## only the environment

$(READY): requirements.lock pyproject.toml
	@python=$$(for p in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done); \
	test -n "$$python" || { echo "Toposhape needs Python >= 3.11; none was found (say which: make PYTHON=/path/to/python3.11)."; exit 1; }; \
	echo "Making the environment in $(VENV) with $$($$python --version) (about two minutes) ..."; \
	$$python -m venv --clear $(VENV)
	@# --no-compile: most modules are never imported; those that are become bytecode then
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

config: $(READY)     ## write comments of config.yaml, schema and docs/configuration.md from the settings' models
	$(BIN)/python -m toposhape.settings

lock: $(READY)       ## write requirements.lock from the environment
	@{ echo "# Every package of a run, of the tests and of the lint, exactly. Made by: make lock"; \
	$(BIN)/python -m pip freeze --all --exclude-editable | grep -v -i '^pip=' | sed -E 's/^(torch==[0-9.]+)\+.*/\1/'; } > requirements.lock.new
	@mv requirements.lock.new requirements.lock

envs: $(READY)       ## write envs/*.yaml from requirements.lock
	$(BIN)/python envs/pin.py

site: $(SITE)/.ready  ## the documentation as pages in site/; a link that leads nowhere is an error
	$(BIN)/python docs/pictures/falling_level.py
	NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build --strict
	@echo "Open site/index.html; to search in it: python3 -m http.server --directory site"

site-environment: $(SITE)/.ready

$(SITE)/.ready: requirements-site.lock | $(READY)
	@$(BIN)/python -m venv --clear $(SITE)
	@$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-site.lock
	@touch $(SITE)/.ready

container:           ## build the image of --sdm apptainer from requirements.lock
	apptainer build --force containers/toposhape.sif containers/toposhape.def

clean:               ## remove the environment (results stay)
	rm -rf $(VENV) $(SITE)
