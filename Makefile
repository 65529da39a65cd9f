# Every target makes its own environment first: .venv with the versions of requirements.lock (scripts/setup).
.PHONY: help demo up fast test check mutants bench docs setup lock clean
.DEFAULT_GOAL := help

UP ?= --module BC260Y-CN,sim=mobile,serial=pty --http 127.0.0.1:8080

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

setup: ## Make .venv, or bring it up to the lock
	@sh scripts/setup

demo: setup ## The whole system once, in front of your eyes
	@.venv/bin/python -m nbtwin demo

up: setup ## Modules, platforms and the console, until Ctrl-C (options: make up UP='--module BC28')
	@.venv/bin/python -m nbtwin up $(UP)

test: setup ## All tests, on all cores, with coverage
	@scripts/test

check: setup ## Format, lint, types, floors
	@scripts/check

mutants: ## How many small faults the tests find, a sample (options: make mutants MUTANTS='scenario --count 50')
	@scripts/mutants $(MUTANTS)

fast: ## The engines compiled, in an environment of its own: .venv-fast/bin/nbtwin (needs a C compiler)
	@sh scripts/setup --fast

bench: setup ## The benchmarks, each with its reference in the same run, and the change since the last release
	@.venv/bin/python -m nbtwin bench

docs: setup ## Write the generated pages anew
	@scripts/docs

lock: ## Resolve the dependencies anew and write requirements.lock
	@scripts/lock

clean: ## Remove what the targets made
	@rm -rf .venv .venv-* .mutants .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
