# shellcheck shell=bash
# Programs that are compiled once per version and user.

# install_cargo_tool CRATE PROGRAM VERSION HOW_LONG: leaves the program's path in a variable of its name.
install_cargo_tool() {
    local crate=$1 program=$2 version=$3 how_long=$4
    local folder="$tools/$crate-$version" path
    path=$folder/bin/$program
    if [ ! -x "$path" ]; then
        if [ "$(version_of "$program")" = "$version" ]; then
            path=$(command -v "$program")
        else
            if [ "$crate" = worker-build ]; then provide_openssl; fi
            say "setup: compiling $crate $version ($how_long, once)"
            cargo install --locked --version "$version" --root "$folder" "$crate" >&2 ||
                fail "could not install $crate $version; see above." "It needs the crates registry; try again when online."
        fi
    fi
    say "setup: $program $version"
    printf -v "${program//-/_}" '%s' "$path"
}

provide_openssl() {
    [ "$(uname)" != Linux ] || pkg-config --exists openssl 2>/dev/null && return
    say "setup: installing the OpenSSL headers that worker-build is compiled with"
    # shellcheck disable=SC2086 # a list of packages
    install_packages $OPENSSL_PACKAGES
}
