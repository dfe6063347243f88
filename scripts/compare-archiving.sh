#!/usr/bin/env bash
# Holds the rate of archiving dead letters against that of an older commit: both built, then run in turn, so that a machine
# that is busy is busy for both.
#   scripts/compare-archiving.sh [commit] [rounds]   default: the last commit that archived one value a letter, 2 rounds
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"

base=${1:-$(git log --format=%H --grep='^build: six minutes to the first demo' -1)}
rounds=${2:-2}
[ -n "$base" ] || fail "there is no such commit here." "Name one: scripts/compare-archiving.sh COMMIT"

other=$root/target/compare/$(git rev-parse --short "$base")
git worktree prune
[ -d "$other" ] || git worktree add --detach "$other" "$base" >&2

say "compare: building both (about 8 minutes the first time)"
for tree in "$other" "$root"; do
    (cd "$tree" && env -u CARGO_TARGET_DIR make build && env -u CARGO_TARGET_DIR cargo build -q --release -p tests --bin triage) >&2
done

results=$(mktemp)
trap 'rm -f "$results"' EXIT
for round in $(seq "$rounds"); do
    for tree in "$other" "$root"; do
        # It ends with 1 where a target is missed, which is not the question here.
        rate=$(cd "$tree" && { target/release/triage archiving || true; } | sed -n 's/^ *letters archived, median *\([0-9.]*\) letters\/s.*/\1/p')
        [ -n "$rate" ] || fail "the rate of $tree could not be read."
        say "compare: round $round, ${tree##*/}: $rate letters a second"
        printf '%s %s\n' "$([ "$tree" = "$root" ] && echo new || echo old)" "$rate" >>"$results"
    done
done

# A busy machine only ever takes away: the best runs are compared.
best() { awk -v which="$1" '$1 == which && $2 > best { best = $2 } END { print best }' "$results"; }
awk -v new="$(best new)" -v old="$(best old)" 'BEGIN {
    printf "archiving: best %.0f letters a second, was %.0f, ratio %.1f\n", new, old, new / old
    exit new < 10 * old
}' || fail "less than ten times as fast."
