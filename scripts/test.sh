#!/usr/bin/env bash
# All tests of all crates, those of the pipeline on real workerd. `make check` has built the Workers.
#   scripts/test.sh
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"

# The tests of the pipeline wait for it far more than they compute: some at once share its waits. Those that look at the clock
# come after them, one at a time.
pipeline_threads=${PIPELINE_THREADS:-6}
look_at_the_clock=(panics:: expiry:: queues::)

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
skips=()
for subject in "${look_at_the_clock[@]}"; do skips+=(--skip "$subject"); done
step "the pipeline, side by side" cargo test --locked -p tests --lib --test architecture --test pipeline -- --test-threads "$pipeline_threads" "${skips[@]}"
step "the pipeline, one at a time" cargo test --locked -p tests --test pipeline -- --test-threads 1 "${look_at_the_clock[@]}"
step "load and chaos" cargo test --locked -p tests --test burst --test chaos --test load --test million -- --test-threads 1
