# shellcheck shell=bash
# Finds or installs a Rust compiler that has the sources of its standard library: Workers are compiled against a library
# that unwinds, which nobody ships (std.sh). In this order:
#   1. the default compiler, when it has them;
#   2. Debian's compiler, when an earlier set-up installed it;
#   3. the default compiler, completed with rustup;
#   4. Debian's compiler, installed now: for machines where rustup cannot download.
# Leaves in $wasm_environment the variables that make cargo use it, and the compiler in $wasm_rustc.

choose_wasm_toolchain() {
    if has_std_sources rustc; then
        use_default_toolchain
    elif has_std_sources /usr/bin/rustc; then
        use_debian_toolchain
    elif complete_with_rustup; then
        use_default_toolchain
    else
        install_debian_toolchain
        use_debian_toolchain
    fi
}

has_std_sources() { have "$1" && [ -d "$(std_sources "$1")" ]; }

use_default_toolchain() {
    # Distributions ship no rust-lld beside rustc; then the system's own linker for WebAssembly must do.
    wasm_environment=
    wasm_rustc=$(command -v rustc)
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    if [ ! -x "$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld" ] && have "$DEBIAN_LINKER"; then
        wasm_environment="CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$DEBIAN_LINKER"
    fi
    say "setup: Workers are compiled by the default toolchain, rustc $(version_of rustc)"
}

use_debian_toolchain() {
    have "$DEBIAN_LINKER" || install_packages "${DEBIAN_LINKER/wasm-ld/lld}"
    # /usr/bin first, so that `cargo` and `rustc` are of one version.
    wasm_rustc=/usr/bin/rustc
    wasm_environment="PATH=\"/usr/bin:\$PATH\" RUSTC=/usr/bin/rustc CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$DEBIAN_LINKER"
    say "setup: Workers are compiled by Debian's toolchain, rustc $(version_of /usr/bin/rustc)"
}

complete_with_rustup() {
    have rustup || return 1
    say "setup: adding the sources of the standard library with rustup (up to 2 minutes)"
    timeout 120 rustup component add rust-src >&2 && has_std_sources rustc
}

install_debian_toolchain() {
    have apt-get || fail "no Rust compiler with the sources of its standard library, and no apt-get to get one with." \
        "Run \`rustup component add rust-src\`, then \`make setup\` again."
    # shellcheck disable=SC2086 # a list of packages
    timed "setup: rustup could not complete the default toolchain; installing Debian's" "about 1 minute" install_packages $DEBIAN_PACKAGES
    has_std_sources /usr/bin/rustc || fail "Debian's compiler came without the sources of its standard library." "Please report this."
}
