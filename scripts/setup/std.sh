# shellcheck shell=bash
# The standard library for wasm32 that the Workers are compiled against, built from the compiler's own sources: it unwinds,
# so that a panic ends one call and not the whole instance. Built once for each compiler; only this needs RUSTC_BOOTSTRAP,
# the Workers are compiled as any other program.

wasm_target=wasm32-unknown-unknown

std_sources() { printf '%s/lib/rustlib/src/rust/library' "$("$1" --print sysroot)"; }

# Leaves its folder in $std_sysroot.
provide_std() {
    local key
    key=$({ "$wasm_rustc" -vV; cat "$here/setup/std.sh"; } | sha256sum | cut -c 1-16)
    std_sysroot=$tools/std-$key
    if ! has_std; then
        rm -rf "$std_sysroot" "$std_sysroot.new"
        timed "setup: the Rust standard library for wasm32" "about 1 minute, once" build_std "$std_sysroot.new/lib/rustlib/$wasm_target/lib" ||
            fail "building the standard library failed; see above." "Please report this, with what \`$wasm_rustc -vV\` prints."
        mv "$std_sysroot.new" "$std_sysroot"
        has_std || fail "the standard library does not work." "Please report this, with what \`$wasm_rustc -vV\` prints."
    fi
}

# A folder that a crash left half made does not count, so compile a line against it.
has_std() {
    local scratch result=0
    scratch=$(mktemp -d)
    echo 'pub fn probe() -> String { String::new() }' |
        "$wasm_rustc" --sysroot "$std_sysroot" -Cpanic=unwind --target "$wasm_target" --crate-type lib --crate-name probe \
            --emit metadata --out-dir "$scratch" - >/dev/null 2>&1 || result=1
    rm -rf "$scratch"
    return "$result"
}

# build_std FOLDER
build_std() {
    local folder=$1 seed vendored
    seed=$(mktemp -d)
    mkdir "$seed/src"
    printf '[package]\nname = "std-seed"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' >"$seed/Cargo.toml"
    : >"$seed/src/lib.rs"
    local options=(--manifest-path "$seed/Cargo.toml" --release -Zbuild-std=std,panic_unwind --target "$wasm_target")
    # The crates it depends on lie beside its sources, in most versions: then nothing is downloaded.
    vendored=$(std_sources "$wasm_rustc")/vendor
    if [ -d "$vendored" ]; then
        options+=(--config "source.crates-io.replace-with='std'" --config "source.std.directory='$vendored'")
    fi
    # RUSTC_BOOTSTRAP lets a stable compiler build its own standard library.
    env -u CARGO_TARGET_DIR -u CARGO_ENCODED_RUSTFLAGS PATH="${wasm_rustc%/*}:$PATH" RUSTC="$wasm_rustc" RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS="-Cpanic=unwind" cargo build "${options[@]}" || return
    mkdir -p "$folder"
    cp "$seed/target/$wasm_target/release/deps/"*.rlib "$folder/"
    rm -rf "$seed" "$folder/"libstd_seed-*
}
