# shellcheck shell=bash
# Only `make check` needs it: compiled once per version and user, unoptimised, which takes half the time.

# Leaves the program's path in $CARGO_DENY.
provide_cargo_deny() {
    local folder=${MONOTASK_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/monotask}/cargo-deny-$CARGO_DENY_VERSION
    CARGO_DENY=$folder/bin/cargo-deny
    [ -x "$CARGO_DENY" ] && return
    if [ "$(cargo-deny --version 2>/dev/null)" = "cargo-deny $CARGO_DENY_VERSION" ]; then
        CARGO_DENY=cargo-deny
        return
    fi
    timed "check: compiling cargo-deny $CARGO_DENY_VERSION" "about 3 minutes, once" \
        cargo install --locked --debug --version "$CARGO_DENY_VERSION" --root "$folder" cargo-deny ||
        fail "could not install cargo-deny $CARGO_DENY_VERSION; see above." "It needs the crates registry; try again when online."
}
