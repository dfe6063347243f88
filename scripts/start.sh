# shellcheck shell=bash
# How every script starts: where the checkout is, and how to speak to the person in front of it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

# fail MESSAGE [WHAT TO DO]
fail() {
    say "error: $1"
    if [ $# -gt 1 ]; then say "       $2"; fi
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }
