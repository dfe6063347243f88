#!/usr/bin/env bash
# Holds the speed of this tree against that of an older commit: both built, then run in turn, so that a machine that is
# busy is busy for both.
#   scripts/compare-speed.sh [commit] [rounds]       default: the commit "release: 0.1.0", 5 rounds of 3 runs
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"

base=${1:-$(git log --format=%H --grep='^release: 0\.1\.0$' -1)}
rounds=${2:-5}
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
        runs=$(cd "$tree" && target/release/speed | sed -n 's/^ *run [0-9]*: accepted in \([0-9.]*\) s, settled in \([0-9.]*\) s$/\1 \2/p')
        [ -n "$runs" ] || fail "the speed of $tree could not be read."
        say "compare: round $round, ${tree##*/}: accepted, settled after" $runs
        sed "s/^/$([ "$tree" = "$root" ] && echo new || echo old) /" <<<"$runs" >>"$results"
    done
done

# figure WHICH COLUMN: the best and the median of its runs.
figure() {
    awk -v which="$1" -v column="$2" '$1 == which { print $column }' "$results" | sort -n |
        awk '{ v[NR] = $1 } END { print v[1], (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# A busy machine only ever adds time: the best runs are compared.
slower=0
for pair in accepted:2 settled:3; do
    read -r new new_median <<<"$(figure new "${pair#*:}")"
    read -r old old_median <<<"$(figure old "${pair#*:}")"
    awk -v what="${pair%:*}" -v new="$new" -v old="$old" -v medians="median $new_median s, was $old_median s" 'BEGIN {
        printf "%s: best %.2f s, was %.2f s, ratio %.2f (%s)\n", what, new, old, new / old, medians
        exit new > 1.1 * old
    }' || slower=1
done
[ "$slower" = 0 ] || fail "slower by more than 10 %." "On a machine that is busy, run it again with more rounds."
