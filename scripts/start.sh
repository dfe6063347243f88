# shellcheck shell=bash
# How every script starts: where the checkout is, and how to speak to the person in front of it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The Node.js that package.json pins goes before the system's own.
export PATH="$root/node_modules/.bin:$PATH"

say() { printf '%s\n' "$*" >&2; }

# fail MESSAGE [WHAT TO DO]
fail() {
    say "error: $1"
    if [ $# -gt 1 ]; then say "       $2"; fi
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# timed WHAT HOW_LONG COMMAND...: says that it begins, and how long it took. What it prints is shown if it fails.
timed() {
    local what=$1 how_long=$2 start=$SECONDS log status=0
    shift 2
    log=$(mktemp)
    say "$what ($how_long)"
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" = 0 ]; then say "$what: done in $((SECONDS - start)) s"; else cat "$log" >&2; fi
    rm -f "$log"
    return "$status"
}
