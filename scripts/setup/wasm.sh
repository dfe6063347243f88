# shellcheck shell=bash
# Finds or installs a Rust compiler that can build for wasm32-unknown-unknown. In this order:
#   1. the default compiler, when it has the target;
#   2. Debian's compiler, when an earlier set-up prepared it;
#   3. `rustup target add`;
#   4. Debian's compiler, installed now: for machines where rustup cannot download.
# Leaves in $wasm_environment the variables that make cargo use it.

wasm_target=wasm32-unknown-unknown

choose_wasm_toolchain() {
    if has_wasm_std rustc; then
        use_default_toolchain
    elif has_wasm_std /usr/bin/rustc; then
        use_debian_toolchain
    elif add_target_with_rustup; then
        use_default_toolchain
    else
        install_debian_toolchain
        use_debian_toolchain
    fi
}

# A library left behind by another version of the compiler does not count, so compile a line against it.
has_wasm_std() {
    have "$1" || return 1
    local scratch result=0
    scratch=$(mktemp -d)
    echo 'pub fn probe() -> String { String::new() }' |
        "$1" --target "$wasm_target" --crate-type lib --crate-name probe --emit metadata --out-dir "$scratch" - \
            >/dev/null 2>&1 || result=1
    rm -rf "$scratch"
    return "$result"
}

use_default_toolchain() {
    # Distributions ship no rust-lld beside rustc; then the system's own linker for WebAssembly must do.
    wasm_environment=
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    if [ ! -x "$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld" ] && have "$DEBIAN_LINKER"; then
        wasm_environment="CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$DEBIAN_LINKER"
    fi
    say "setup: wasm32 target: of the default toolchain, rustc $(version_of rustc)"
}

use_debian_toolchain() {
    have "$DEBIAN_LINKER" || install_packages "${DEBIAN_LINKER/wasm-ld/lld}"
    # /usr/bin first, so that `cargo`, `rustc` and `cargo-clippy` are all of one version.
    wasm_environment="PATH=\"/usr/bin:\$PATH\" RUSTC=/usr/bin/rustc CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$DEBIAN_LINKER"
    say "setup: wasm32 target: of Debian's toolchain, rustc $(version_of /usr/bin/rustc)"
}

add_target_with_rustup() {
    have rustup || return 1
    say "setup: adding the wasm32 target with rustup (up to 2 minutes)"
    timeout 120 rustup target add "$wasm_target" >&2 && has_wasm_std rustc
}

install_debian_toolchain() {
    have apt-get || fail "no Rust standard library for $wasm_target, and no apt-get to get one with." \
        "Run \`rustup target add $wasm_target\`, then \`make setup\` again."
    say "setup: rustup could not add the wasm32 target; installing Debian's toolchain instead (about 3 minutes)"
    # shellcheck disable=SC2086 # a list of packages
    install_packages $DEBIAN_PACKAGES
    build_wasm_std
    has_wasm_std /usr/bin/rustc || fail "Debian's compiler still cannot build for $wasm_target." "Please report this."
}

# Debian ships the sources of the standard library, not its build for wasm32. Build it once, with bitcode for LTO.
build_wasm_std() {
    say "setup: building the Rust standard library for wasm32 (about 1 minute)"
    local seed libraries
    seed=$(mktemp -d)
    mkdir "$seed/src"
    printf '[package]\nname = "std-seed"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' >"$seed/Cargo.toml"
    : >"$seed/src/lib.rs"
    # RUSTC_BOOTSTRAP lets a stable compiler build its own standard library.
    (cd "$seed" && env -u CARGO_TARGET_DIR PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS=-Cembed-bitcode=yes \
        /usr/bin/cargo build --release -Zbuild-std=std,panic_abort --target "$wasm_target" >&2) ||
        fail "building the standard library failed; see above."
    rm -f "$seed/target/$wasm_target/release/deps/"libstd_seed-*
    libraries=$(/usr/bin/rustc --target "$wasm_target" --print target-libdir)
    as_root rm -rf "$libraries"
    as_root mkdir -p "$libraries"
    as_root cp "$seed/target/$wasm_target/release/deps/"*.rlib "$libraries/"
    rm -rf "$seed"
}
