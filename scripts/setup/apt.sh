# shellcheck shell=bash
# Packages of the operating system.

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo; then
        say "setup: this needs root: $*"
        sudo "$@"
    else
        fail "this needs root: $*" "Run it as root, or install sudo."
    fi
}

# install_packages PACKAGE...
install_packages() {
    have apt-get || fail "these packages are missing, and there is no apt-get to install them: $*" \
        "Install what your system calls them, then run \`make setup\` again."
    local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get)
    "${apt[@]}" install -y --no-install-recommends "$@" >&2 && return
    # The package lists may be old or absent.
    "${apt[@]}" update >&2
    "${apt[@]}" install -y --no-install-recommends "$@" >&2 ||
        fail "apt-get could not install: $*" "Debian 12 has these packages; see the message of apt-get above."
}
