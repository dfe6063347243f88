#!/usr/bin/env bash
# Measures MonoTask beside what its users would pick instead. Arguments are the program's own: scripts/bench.sh --help
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"

# The peers' own packages, as pinned. A peer that cannot be installed is left out by the program, which says so.
for peer in bench/peers/*/package-lock.json; do
    folder=${peer%/package-lock.json}
    [ -d "$folder/node_modules" ] && [ "$folder/node_modules" -nt "$peer" ] && continue
    say "bench: installing ${folder##*/}"
    npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error >&2 || say "bench: ${folder##*/} could not be installed"
    touch "$folder/node_modules" 2>/dev/null || true
done

cargo build -q --release --locked -p bench
exec target/release/bench "$@"
