# shellcheck shell=bash
# Standard libraries for wasm32 that nobody ships, built from the compiler's own sources.

# has_std COMPILER [OPTION...]
# A library left behind by another version of the compiler does not count, so compile a line against it.
has_std() {
    have "$1" || return 1
    local scratch result=0
    scratch=$(mktemp -d)
    echo 'pub fn probe() -> String { String::new() }' |
        "$@" --target "$wasm_target" --crate-type lib --crate-name probe --emit metadata --out-dir "$scratch" - \
            >/dev/null 2>&1 || result=1
    rm -rf "$scratch"
    return "$result"
}

std_sources() { printf '%s/lib/rustlib/src/rust/library' "$("$1" --print sysroot)"; }

# build_std COMPILER PANIC FOLDER: leaves in FOLDER the library with panic=PANIC.
build_std() {
    local compiler=$1 panic=$2 folder=$3 seed vendored
    say "setup: building the Rust standard library for wasm32, panic=$panic (about 1 minute)"
    seed=$(mktemp -d)
    mkdir "$seed/src"
    printf '[package]\nname = "std-seed"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' >"$seed/Cargo.toml"
    : >"$seed/src/lib.rs"
    local options=(--manifest-path "$seed/Cargo.toml" --release -Zbuild-std="std,panic_$panic" --target "$wasm_target")
    # The crates it depends on lie beside its sources, in most versions: then nothing is downloaded.
    vendored=$(std_sources "$compiler")/vendor
    if [ -d "$vendored" ]; then
        options+=(--config "source.crates-io.replace-with='std'" --config "source.std.directory='$vendored'")
    fi
    # RUSTC_BOOTSTRAP lets a stable compiler build its own standard library. The bitcode is for LTO.
    env -u CARGO_TARGET_DIR -u CARGO_ENCODED_RUSTFLAGS PATH="${compiler%/*}:$PATH" RUSTC="$compiler" RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS="-Cembed-bitcode=yes -Cpanic=$panic" cargo build "${options[@]}" >&2 ||
        fail "building the standard library failed; see above." "Please report this, with what \`$compiler -vV\` prints."
    mkdir -p "$folder"
    cp "$seed/target/$wasm_target/release/deps/"*.rlib "$folder/"
    rm -rf "$seed" "$folder/"libstd_seed-*
}

# A Worker that catches panics is compiled against a library that unwinds. Built once for each compiler; only this needs
# RUSTC_BOOTSTRAP, the Worker is compiled as any other. Leaves its folder in $unwinding_sysroot.
provide_unwinding_std() {
    local key
    key=$({ "$wasm_rustc" -vV; cat "$here/setup/std.sh"; } | sha256sum | cut -c 1-16)
    unwinding_sysroot=$tools/unwinding-std-$key
    if ! has_unwinding_std; then
        rm -rf "$unwinding_sysroot" "$unwinding_sysroot.new"
        build_std "$wasm_rustc" unwind "$unwinding_sysroot.new/lib/rustlib/$wasm_target/lib"
        mv "$unwinding_sysroot.new" "$unwinding_sysroot"
        has_unwinding_std ||
            fail "the standard library with panic=unwind does not work." "Please report this, with what \`rustc -vV\` prints."
    fi
    say "setup: wasm32 standard library with panic=unwind: built"
}

has_unwinding_std() { has_std "$wasm_rustc" --sysroot "$unwinding_sysroot" -Cpanic=unwind; }
