# shellcheck shell=bash
# The programs that a developer's machine must bring along.

check_programs() {
    have git || fail "git is missing." "On Debian: sudo apt-get install git"
    have cc || fail "a C compiler (cc) is missing; cargo links with it." "On Debian: sudo apt-get install build-essential"
    have cargo && have rustc || fail "Rust is missing." "Install it with rustup (see rustup's home page), then open a new shell."

    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(version_of rustc)
    at_least "$found" "$wanted" || fail "rustc $found is too old, $wanted is needed." "Run: rustup update stable"

    have node || fail "Node.js is missing; npm needs it." "On Debian: sudo apt-get install nodejs npm"
    have npm || fail "npm is missing." "It comes with Node.js; on Debian: sudo apt-get install npm"

    check_rust_component clippy cargo-clippy
    check_rust_component rustfmt rustfmt
}

# rustup's "minimal" profile leaves these out, and its stand-ins fail only when run.
check_rust_component() {
    [ -n "$(version_of "$2")" ] && return
    say "setup: adding $1 to the Rust toolchain"
    have rustup && rustup component add "$1" >&2 || fail "$1 is missing." "Run: rustup component add $1"
}

# version_of PROGRAM...: the last word that looks like a version in what `PROGRAM --version` prints, or nothing.
version_of() { "$@" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1 || true; }

# at_least FOUND WANTED: compares dotted versions.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }
