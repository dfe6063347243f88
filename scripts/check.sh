#!/usr/bin/env bash
# Every check short of the tests. Stops at the first that fails and shows what it printed.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"
[ -f .tools/env.sh ] || fail "the tools are not set up." "Run: make setup"
. .tools/env.sh

# Gzipped, per Worker. Cloudflare's own limit is 3 MB on the free plan; a small Worker starts fast.
max_wasm_bytes=400000
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

clippy_wasm32() {
    local packages=(-p platform)
    for worker in "${workers[@]}"; do packages+=(-p "$worker"); done
    with_wasm cargo-clippy clippy --quiet --locked --target wasm32-unknown-unknown "${packages[@]}" -- -D warnings
}

docs() { RUSTDOCFLAGS=-Dwarnings cargo doc --quiet --workspace --no-deps --locked; }

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
        size=$(gzip -9 -c "$worker/build/index_bg.wasm" | wc -c)
        echo "note: $worker: $size bytes gzipped"
        [ "$size" -le "$max_wasm_bytes" ] || { echo "$worker is larger than $max_wasm_bytes bytes"; too_large=1; }
    done
    return "$too_large"
}

# Cloudflare refuses a Worker that takes a second. Ours take a tenth of this budget on a machine of 2026.
start_up() { node scripts/start-up.mjs --budget 250 | sed 's/^/note: /; s/$/ ms/'; }

check "formatting" cargo fmt --all --check
check "lints (host)" cargo clippy --quiet --workspace --all-targets --locked -- -D warnings
check "lints (wasm32)" clippy_wasm32
check "bans, licences, sources" "$CARGO_DENY" check bans licenses sources
check "advisories" advisories
check "documentation" docs
check "size of each Worker" wasm_sizes
check "start-up of each Worker" start_up
check "deploy dry-run" scripts/deploy-dry-run.sh
