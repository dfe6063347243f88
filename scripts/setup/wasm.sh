# shellcheck shell=bash
# Finds or installs a Rust compiler that can build for wasm32-unknown-unknown and has the sources of its standard
# library (see std.sh). In this order:
#   1. the default compiler, when it has both;
#   2. Debian's compiler, when an earlier set-up prepared it;
#   3. the default compiler, completed with rustup;
#   4. Debian's compiler, installed now: for machines where rustup cannot download.
# Leaves in $wasm_environment the variables that make cargo use it, and the compiler in $wasm_rustc.

wasm_target=wasm32-unknown-unknown

choose_wasm_toolchain() {
    if is_complete rustc; then
        use_default_toolchain
    elif is_complete /usr/bin/rustc; then
        use_debian_toolchain
    elif complete_with_rustup; then
        use_default_toolchain
    else
        install_debian_toolchain
        use_debian_toolchain
    fi
}

is_complete() { has_std "$1" && [ -d "$(std_sources "$1")" ]; }

use_default_toolchain() {
    # Distributions ship no rust-lld beside rustc; then the system's own linker for WebAssembly must do.
    wasm_environment=
    wasm_rustc=$(command -v rustc)
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
    wasm_rustc=/usr/bin/rustc
    wasm_environment="PATH=\"/usr/bin:\$PATH\" RUSTC=/usr/bin/rustc CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$DEBIAN_LINKER"
    say "setup: wasm32 target: of Debian's toolchain, rustc $(version_of /usr/bin/rustc)"
}

complete_with_rustup() {
    have rustup || return 1
    say "setup: adding the wasm32 target and the sources of the standard library with rustup (up to 2 minutes)"
    timeout 120 rustup target add "$wasm_target" >&2 && timeout 120 rustup component add rust-src >&2 && is_complete rustc
}

install_debian_toolchain() {
    have apt-get || fail "no Rust compiler with $wasm_target and the sources of its standard library, and no apt-get to get one with." \
        "Run \`rustup target add $wasm_target\` and \`rustup component add rust-src\`, then \`make setup\` again."
    say "setup: rustup could not complete the default toolchain; installing Debian's instead (about 3 minutes)"
    # shellcheck disable=SC2086 # a list of packages
    install_packages $DEBIAN_PACKAGES
    # Debian ships the sources of the standard library, not its build for wasm32.
    has_std /usr/bin/rustc || install_debian_std
    is_complete /usr/bin/rustc || fail "Debian's compiler still cannot build for $wasm_target." "Please report this."
}

install_debian_std() {
    local built libraries
    built=$(mktemp -d)
    build_std /usr/bin/rustc abort "$built"
    libraries=$(/usr/bin/rustc --target "$wasm_target" --print target-libdir)
    as_root rm -rf "$libraries"
    as_root mkdir -p "$libraries"
    as_root cp "$built/"*.rlib "$libraries/"
    rm -rf "$built"
}
