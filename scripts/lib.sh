# shellcheck shell=bash
# What every script needs: where the checkout is, and how to speak to the person in front of it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

# fail MESSAGE [WHAT TO DO]
fail() {
    say "error: $1"
    if [ $# -gt 1 ]; then say "       $2"; fi
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# version_of PROGRAM...: the last word that looks like a version in what `PROGRAM --version` prints, or nothing.
version_of() { "$@" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1 || true; }

# at_least FOUND WANTED: compares dotted versions.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }
