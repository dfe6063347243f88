#!/usr/bin/env bash
# All tests of all crates, those of the pipeline on real workerd. `make check` has built the Workers.
#   scripts/test.sh
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"

# The tests of the pipeline wait for it far more than they compute: many at once share its waits.
pipeline_threads=${PIPELINE_THREADS:-8}

step() {
    local what=$1 start=$SECONDS
    shift
    say "test: $what"
    "$@"
    say "test: $what: $((SECONDS - start)) s"
}

step "Workers that fail on demand" scripts/build.sh --faults
step "compiling the tests" cargo test --quiet --workspace --locked --no-run
step "all crates but the pipeline's" cargo test --quiet --workspace --locked --exclude tests
step "the pipeline: one subject each" env RUST_TEST_THREADS="$pipeline_threads" cargo test --locked -p tests --lib --test architecture --test pipeline
step "the pipeline: load and chaos, one after the other" cargo test --locked -p tests --test burst --test chaos --test load --test million
