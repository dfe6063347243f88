#!/usr/bin/env bash
# Builds the four Workers into <worker>/build/.
#   scripts/build.sh              as they are deployed
#   scripts/build.sh --faults     ledger and consumers that fail on demand, for the tests, into <worker>/build-faults/
#   KEEP_NAMES=1 scripts/build.sh with the names of functions, for the profiler, into <worker>/build-names/
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"
[ -f .tools/env.sh ] || fail "the tools are not set up." "Run: make setup"
. .tools/env.sh

workers=(ledger dlq consumers producers)
out=build
cargo_options=()
bundler_options=()
bundled=("${workers[@]}")
case "$*" in
    "") ;;
    --faults) out=build-faults; bundled=(ledger consumers); cargo_options=(--features ledger/faults,consumers/faults) ;;
    *) fail "unknown option $*." "Usage: scripts/build.sh [--faults]" ;;
esac
if [ -n "${KEEP_NAMES:-}" ]; then out=build-names; bundler_options=(--keep-names); fi

# Two builds at once would compile into each other's folders.
if have flock; then
    exec 9>.tools/build.lock
    flock -n 9 || { say "build: waiting for another build to finish"; flock 9; }
fi

# All Workers in one call and with the same settings, whichever are wanted: what they share is compiled once, and cargo
# chooses the same features for it.
for worker in "${workers[@]}"; do cargo_options+=(-p "$worker"); done
start=$SECONDS
say "build: compiling the Workers for wasm32 (about 3 minutes the first time)"
with_wasm cargo build --lib --locked --profile worker "${wasm_options[@]}" "${cargo_options[@]}"

# The JavaScript around each wasm file is made again only when something that goes into it changed.
cargo build --quiet --locked -p bundler
bundler=${CARGO_TARGET_DIR:-target}/debug/bundler
for worker in "${bundled[@]}"; do
    wasm=target/workers/wasm32-unknown-unknown/worker/$worker.wasm
    stamp=$(sha256sum "$wasm" "$bundler")
    [ "$(cat "$worker/$out/.stamp" 2>/dev/null)" != "$stamp" ] || continue
    rm -rf "${worker:?}/$out"
    "$bundler" "${bundler_options[@]}" "$wasm" "$worker/$out"
    printf '%s\n' "$stamp" >"$worker/$out/.stamp"
done
say "build: ${bundled[*]} are in <worker>/$out/ (after $((SECONDS - start)) s)"
