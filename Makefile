# Everything a developer or CI runs. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
# Where rustup puts cargo, also in a shell that was opened before it was installed.
export PATH := $(PATH):$(HOME)/.cargo/bin
.DEFAULT_GOAL := help
.PHONY: help setup build dev demo chaos bench scale test check fmt clean deploy-dry-run
# The steps share folders and two cores: one after the other, also under `make -j`.
.NOTPARALLEL:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (tools are compiled once, about ten minutes; later a no-op)
	@scripts/setup.sh

build: setup ## build the four Workers into <worker>/build/
	@scripts/build.sh

dev: build ## run the whole pipeline on http://127.0.0.1:8787 until Ctrl-C (PORT, STATE_DIR)
	@exec node scripts/dev.mjs --stop-with-parent

demo: build ## run a mixed job of 10,400 tasks through the pipeline and check the result
	@scripts/demo.sh

chaos: build ## kill the runtime again and again in a large job, check that nothing is lost (SEED, TASKS, KILLS)
	@scripts/build.sh --features faults --out build-faults ledger consumers
	@cargo run -q --release -p tests --bin chaos

check: build ## formatting, lints, licences, advisories, docs, sizes, deploy dry-run
	@scripts/check.sh

bench: build ## measure speed and cost beside other systems: half an hour, nothing else running (ARGS='--help')
	@scripts/bench.sh $(ARGS)

scale: ## simulate the pipeline past one machine and write docs/scale.md
	@cargo run -q --release -p simulation

test: check ## everything CI runs: check, then all tests on the real runtime
	@echo "test: Workers that fail on demand (about 4 minutes the first time)"
	@scripts/build.sh --features faults --out build-faults ledger consumers
	@echo "test: all crates, and the whole pipeline on workerd (several minutes)"
	@cargo test --workspace

fmt: ## format the Rust code
	@cargo fmt --all

deploy-dry-run: build ## let wrangler check bundles and configuration, without an account
	@scripts/deploy-dry-run.sh

clean: ## remove what was built and the local state (tools stay)
	@rm -rf target .state .tools .wrangler */build */build-* */.wrangler
