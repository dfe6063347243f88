#!/usr/bin/env bash
# Builds Workers in release mode into <worker>/build/.
#   scripts/build.sh [worker...]                                      default: all four
#   scripts/build.sh --features faults --out build-faults ledger      a variant into a folder of its own
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"
[ -f .tools/env.sh ] || fail "the tools are not set up." "Run: make setup"
. .tools/env.sh

out=build
cargo_options=()
workers=()
while [ $# -gt 0 ]; do
    case $1 in
        --out) out=$2; shift 2 ;;
        --features)
            cargo_options+=(--features "$2")
            # In a folder of its own, or each build would undo the other's and compile again.
            wasm_target_dir=$root/target/workers-${2//[^a-z]/-}
            shift 2
            ;;
        --*) fail "unknown option $1." "Usage: scripts/build.sh [--features LIST] [--out FOLDER] [worker...]" ;;
        *) workers+=("$1"); shift ;;
    esac
done
[ ${#workers[@]} -gt 0 ] || workers=(ledger dlq consumers producers)
for worker in "${workers[@]}"; do cargo_options+=(-p "$worker"); done

# Two builds at once would compile into each other's folders.
if have flock; then
    exec 9>.tools/build.lock
    flock -n 9 || { say "build: waiting for another build to finish"; flock 9; }
fi

# All Workers in one call, so that their link steps run side by side. cargo knows what is up to date.
say "build: compiling ${workers[*]} for wasm32 (about 3 minutes the first time)"
with_wasm cargo build --lib --release --target wasm32-unknown-unknown "${cargo_options[@]}"

# The JavaScript around each wasm file is made again only when something that goes into it changed.
package_stamp() {
    sha256sum "${wasm_target_dir:-target/workers}/wasm32-unknown-unknown/release/$1.wasm" "$1/Cargo.toml" package-lock.json \
        scripts/build.sh scripts/strip-names.mjs scripts/versions.sh
}
for worker in "${workers[@]}"; do
    folder=$worker/$out
    stamp=$(package_stamp "$worker")
    if [ -f "$folder/index.js" ] && [ "$(cat "$folder/.stamp" 2>/dev/null)" = "$stamp" ]; then
        say "build: $folder is up to date"
        continue
    fi
    say "build: packaging $folder (about 10 seconds)"
    rm -f "$folder/.stamp"
    # The same packages as above: cargo would resolve other features for one alone and compile again.
    (cd "$worker" && with_wasm "$WORKER_BUILD" --release --out-dir "$out" . "${cargo_options[@]}") >.tools/package.log 2>&1 ||
        { cat .tools/package.log >&2; fail "packaging $worker failed; see above."; }
    node scripts/strip-names.mjs "$folder/index_bg.wasm"
    printf '%s\n' "$stamp" >"$folder/.stamp"
done
