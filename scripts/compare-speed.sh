#!/usr/bin/env bash
# Holds the speed of this tree against that of an older commit: both built, then run in turn, so that a machine that is
# busy is busy for both.
#   scripts/compare-speed.sh [commit] [rounds]       default: the commit "release: 0.1.0", 3 rounds
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"

base=${1:-$(git log --format=%H --grep='^release: 0\.1\.0$' -1)}
rounds=${2:-3}
[ -n "$base" ] || fail "there is no commit \"release: 0.1.0\" here." "Name another: scripts/compare-speed.sh COMMIT"

other=$root/target/compare/$(git rev-parse --short "$base")
git worktree prune
[ -d "$other" ] || git worktree add --detach "$other" "$base" >&2

say "compare: building both (about 8 minutes the first time)"
for tree in "$other" "$root"; do
    (cd "$tree" && env -u CARGO_TARGET_DIR make build && env -u CARGO_TARGET_DIR cargo build -q --release -p tests --bin speed) >&2
done

results=$(mktemp)
trap 'rm -f "$results"' EXIT
for round in $(seq "$rounds"); do
    for tree in "$other" "$root"; do
        best=$(cd "$tree" && target/release/speed | sed -n 's/^ *best of .*: accepted in \([0-9.]*\) s, settled in \([0-9.]*\) s$/\1 \2/p')
        [ -n "$best" ] || fail "the speed of $tree could not be read."
        say "compare: round $round, ${tree##*/}: accepted, settled after $best s"
        printf '%s %s\n' "$([ "$tree" = "$root" ] && echo new || echo old)" "$best" >>"$results"
    done
done

awk '
    { if (!($1 in accepted) || $2 < accepted[$1]) accepted[$1] = $2; if (!($1 in settled) || $3 < settled[$1]) settled[$1] = $3 }
    END {
        printf "accepted: %.2f s, was %.2f s, ratio %.2f\n", accepted["new"], accepted["old"], accepted["new"] / accepted["old"]
        printf "settled:  %.2f s, was %.2f s, ratio %.2f\n", settled["new"], settled["old"], settled["new"] / settled["old"]
    }' "$results"
