#!/usr/bin/env bash
# Builds Workers in release mode into <worker>/build/.
#   scripts/build.sh [worker...]                                      default: all four
#   scripts/build.sh --features faults --out build-faults ledger      a variant into a folder of its own
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"
[ -f .tools/env.sh ] || fail "the tools are not set up." "Run: make setup"
. .tools/env.sh
[ -n "${UNWINDING_SYSROOT-}" ] || fail "the tools were set up by an older version." "Run: make setup"

out=build
features=
workers=()
while [ $# -gt 0 ]; do
    case $1 in
        --out) out=$2; shift 2 ;;
        --features)
            features=$2
            # In a folder of its own, or each build would undo the other's and compile again.
            wasm_target_dir=$root/target/workers-${2//[^a-z]/-}
            shift 2
            ;;
        --*) fail "unknown option $1." "Usage: scripts/build.sh [--features LIST] [--out FOLDER] [worker...]" ;;
        *) workers+=("$1"); shift ;;
    esac
done
[ ${#workers[@]} -gt 0 ] || workers=(ledger dlq consumers producers)

# Two builds at once would compile into each other's folders.
if have flock; then
    exec 9>.tools/build.lock
    flock -n 9 || { say "build: waiting for another build to finish"; flock 9; }
fi

# The JavaScript around each wasm file is made again only when something that goes into it changed.
package_stamp() {
    sha256sum "${wasm_target_dir:-target/workers}/wasm32-unknown-unknown/$2/$1.wasm" "$1/Cargo.toml" package-lock.json \
        scripts/build.sh scripts/strip-names.mjs scripts/versions.sh
}

# package WORKER PROFILE CARGO_OPTION...
package() {
    local worker=$1 profile=$2 folder=$1/$out stamp
    shift 2
    stamp=$(package_stamp "$worker" "$profile")
    if [ -f "$folder/index.js" ] && [ "$(cat "$folder/.stamp" 2>/dev/null)" = "$stamp" ]; then
        say "build: $folder is up to date"
        return
    fi
    say "build: packaging $folder (about 10 seconds)"
    rm -f "$folder/.stamp"
    # Never with its --panic-unwind, which takes a nightly compiler: the options say it all.
    (cd "$worker" && with_wasm "$WORKER_BUILD" --profile "$profile" --out-dir "$out" . "$@") >.tools/package.log 2>&1 ||
        { cat .tools/package.log >&2; fail "packaging $worker failed; see above."; }
    # For the profiler, which tells functions by their names: KEEP_NAMES=1 scripts/build.sh --out build-names
    [ -n "${KEEP_NAMES:-}" ] || node scripts/strip-names.mjs "$folder/index_bg.wasm"
    printf '%s\n' "$stamp" >"$folder/.stamp"
}

# build PROFILE PANIC WORKER...: in one call of cargo, so that the link steps run side by side. cargo knows what is up to date.
build() {
    local profile=$1 panic=$2 options=() worker
    shift 2
    for worker in "$@"; do options+=(-p "$worker"); done
    if [ -n "$features" ]; then options+=(--features "$features"); fi
    # cargo adds these flags to those of .cargo/config.toml, and keeps what was compiled with others.
    if [ "$panic" = unwind ]; then
        options+=(--config "target.wasm32-unknown-unknown.rustflags=['-Cpanic=unwind', '--sysroot=$UNWINDING_SYSROOT']")
    fi
    say "build: compiling $* for wasm32 (about 2 minutes the first time)"
    with_wasm cargo build --lib --profile "$profile" --target wasm32-unknown-unknown "${options[@]}"
    # The same packages as above: cargo would resolve other features for one alone and compile again.
    for worker in "$@"; do package "$worker" "$profile" "${options[@]}"; done
}

# Consumers catch the panic of a task; in the other Workers it ends the call. dlq is compiled for size, producers where
# it is not hot (Cargo.toml).
abort=()
front=()
unwind=()
small=()
for worker in "${workers[@]}"; do
    case $worker in
        consumers) unwind+=("$worker") ;;
        dlq) small+=("$worker") ;;
        producers) front+=("$worker") ;;
        *) abort+=("$worker") ;;
    esac
done
if [ ${#abort[@]} -gt 0 ]; then build release abort "${abort[@]}"; fi
if [ ${#front[@]} -gt 0 ]; then build front abort "${front[@]}"; fi
if [ ${#small[@]} -gt 0 ]; then build small abort "${small[@]}"; fi
if [ ${#unwind[@]} -gt 0 ]; then build release unwind "${unwind[@]}"; fi
