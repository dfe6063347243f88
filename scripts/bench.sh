#!/usr/bin/env bash
# Measures MonoTask beside what its users would pick instead. Arguments are the program's own: scripts/bench.sh --help
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"

# The peers' own packages, as pinned. A peer that cannot be installed is left out by the program, which says so.
for lock in bench/peers/*/package-lock.json; do
    folder=${lock%/package-lock.json}
    installed=$folder/node_modules/.package-lock.json
    if ! grep -q '"node_modules/' "$lock" || [ "$installed" -nt "$lock" ]; then continue; fi
    say "bench: installing ${folder##*/}"
    if npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error >&2; then touch "$installed"; else
        say "bench: ${folder##*/} could not be installed"
    fi
done

cargo build -q --release --locked -p bench
exec target/release/bench "$@"
