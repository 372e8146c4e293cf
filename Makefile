# Each target does its own set-up; a second call installs nothing.
PYTHON ?=
bin := .venv/bin
export PYTHON
# half of the tests wait for processes; the files of a folder share what they start, and stay in their order
side_by_side := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
wheels := $(or $(UV_FIND_LINKS),$(PIP_FIND_LINKS))
pytorch := $(if $(wheels),--find-links $(wheels),--torch-backend cpu)

.PHONY: help setup run test live long lint format audit sbom docs bench lock
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

setup: ## make .venv and install the locked packages
	@infra/setup.sh

run: setup ## the whole job: simulate, pretrain, benchmark, register, report
	$(bin)/sgnn run covid

test: setup ## the tests, but for the long ones
	$(bin)/python -m pytest $(side_by_side)

live: setup ## a recipe through all of the server stack, and everything again after a stop; needs PostgreSQL
	$(bin)/python -m pytest -m long tests/cli/stack/test_live.py

long: setup ## the long tests, minutes of real work each
	$(bin)/python -m pytest -m long

lint: setup ## style, types, layers
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports --no-logo

format: setup ## rewrite the sources in the one style
	$(bin)/ruff check --fix
	$(bin)/ruff format

audit: setup ## known faults of the locked packages, where advisories can be asked for
	$(bin)/python infra/known_faults.py

sbom: setup ## a bill of materials of what is installed, in dist/
	$(bin)/python infra/sbom.py dist/sbom.json

docs: setup ## the documentation, as pages in site/
	NO_MKDOCS_2_WARNING=1 $(bin)/mkdocs build --strict --quiet --config-file infra/mkdocs.yml

bench: setup ## performance figures beside references
	$(bin)/sgnn bench

# the lock names PyTorch without its build, which the set-up chooses; while resolving it must be the CPU build
lock: ## resolve the dependencies anew, keeping versions that still fit; needs uv
	sed 's/^\(torch==.*\)/\1+cpu/' requirements.lock >.lock.new
	uv pip compile pyproject.toml --group dev --group docs --python-version 3.11 --quiet --no-header \
	  --no-emit-index-url --no-emit-find-links $(pytorch) --output-file .lock.new
	sed 's/^\(torch==[^+]*\)+cpu/\1/' .lock.new >requirements.lock && rm .lock.new
