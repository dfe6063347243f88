#!/usr/bin/env bash
# Every check short of the tests. Stops at the first that fails and shows what it printed.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"
[ -f .tools/env.sh ] || fail "the tools are not set up." "Run: make setup"
. "$root/scripts/versions.sh"
. "$root/scripts/setup/cargo-deny.sh"

# Gzipped, per Worker. Cloudflare's own limit is 3 MB on the free plan.
max_wasm_bytes=1000000
workers=(ledger dlq consumers producers)

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# check NAME COMMAND...: runs it, prints one line.
check() {
    local name=$1 start=$SECONDS
    shift
    printf 'check: %-34s' "$name"
    if "$@" >"$log" 2>&1; then
        printf 'ok    %3d s\n' $((SECONDS - start))
        sed -n 's/^note: /         /p' "$log"
    else
        printf 'FAILED\n'
        cat "$log"
        exit 1
    fi
}

# The Workers themselves are compiled for wasm32 by the build, with the same warnings.
lints() { cargo clippy --quiet --workspace --all-targets --all-features --locked -- -D warnings; }

# The crates that others use.
docs() { RUSTDOCFLAGS=-Dwarnings cargo doc --quiet --no-deps --locked -p domain -p config -p platform -p tests; }

# The database of advisories lives on the web. Being offline is no finding; any finding fails.
advisories() {
    local answer=0
    timeout 120 "$CARGO_DENY" check advisories || answer=$?
    [ "$answer" = 0 ] && return
    if [ "$answer" = 124 ] || grep -q 'failed to fetch advisory database' "$log"; then
        echo "note: SKIPPED: the advisory database cannot be reached. Run \`make check\` again when online."
        return
    fi
    return 1
}

wasm_sizes() {
    local worker size too_large=0
    for worker in "${workers[@]}"; do
        size=$(gzip -9 -c "$worker/build/worker_bg.wasm" | wc -c)
        echo "note: $worker: $size bytes gzipped"
        [ "$size" -le "$max_wasm_bytes" ] || { echo "$worker is larger than $max_wasm_bytes bytes"; too_large=1; }
    done
    return "$too_large"
}

# Cloudflare refuses a Worker that takes a second.
start_up() { node scripts/start-up.mjs --budget 50 | sed 's/^/note: /; s/$/ ms/'; }

check "formatting" cargo fmt --all --check
check "lints" lints
check "tests of the scripts" node --test 'scripts/dev/*.test.mjs'
check "documentation" docs
check "size of each Worker" wasm_sizes
check "start-up of each Worker" start_up
check "deploy dry-run" scripts/deploy-dry-run.sh
provide_cargo_deny
check "bans, licences, sources" "$CARGO_DENY" check bans licenses sources
check "advisories" advisories
