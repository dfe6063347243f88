# Everything a developer or CI runs. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
# The Node.js that package.json pins; and where rustup puts cargo, also in a shell that was opened before it was installed.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH):$(HOME)/.cargo/bin
.DEFAULT_GOAL := help
.PHONY: help setup build dev demo first-run chaos soak bench scale test check fmt clean deploy-dry-run
# The steps share folders and two cores: one after the other, also under `make -j`.
.NOTPARALLEL:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (about two minutes once; later a no-op)
	@scripts/setup.sh

build: setup ## build the four Workers into <worker>/build/
	@scripts/build.sh

dev: build ## run the whole pipeline on http://127.0.0.1:8787 until Ctrl-C (PORT, STATE_DIR)
	@exec node scripts/dev.mjs --stop-with-parent

demo: setup ## build, then run a mixed job of 10,400 tasks through the pipeline and check the result
	@scripts/demo.sh

first-run: ## time `make demo` for somebody new: a clone, a home and caches of its own
	@scripts/first-run.sh

chaos: build ## kill the runtime again and again in a large job, check that nothing is lost (SEED, TASKS, KILLS)
	@scripts/build.sh --faults
	@cargo run -q --release -p tests --bin chaos

check: build ## formatting, lints, docs, sizes, start-up, deploy dry-run, licences, advisories
	@scripts/check.sh

soak: build ## mixed load for an hour: nothing stalls, leaks or has to be started again (MINUTES, SEED)
	@cargo run -q --release -p tests --bin soak

bench: build ## measure speed and cost beside other systems: half an hour, nothing else running (ARGS='--help')
	@scripts/bench.sh $(ARGS)

scale: ## simulate the pipeline past one machine and write docs/scale.md
	@cargo run -q --release -p simulation

test: check ## everything CI runs: check, then all tests on the real runtime
	@scripts/test.sh

fmt: ## format the Rust code
	@cargo fmt --all

deploy-dry-run: build ## let wrangler check bundles and configuration, without an account
	@scripts/deploy-dry-run.sh

clean: ## remove what was built and the local state (tools stay)
	@rm -rf target .state .tools .wrangler */build */build-* */.wrangler
