#!/usr/bin/env bash
# Runs a mixed job through the whole pipeline, in a state folder of its own, and checks how every task ended.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"

folder=$(mktemp -d)
pipeline=
finish() {
    local status=$?
    trap - EXIT INT TERM
    if [ -n "$pipeline" ]; then
        kill -TERM "$pipeline" 2>/dev/null || true
        wait "$pipeline" 2>/dev/null || true
    fi
    if [ "$status" = 0 ]; then rm -rf "$folder"; else say "demo: failed; the pipeline's log is $folder/log"; fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Side by side: the Workers wait for each other now and then.
timed "demo: building the command line" "about 1 minute the first time" cargo build --quiet --locked -p cli &
command_line=$!
scripts/build.sh
wait "$command_line"
monotask() { "${CARGO_TARGET_DIR:-target}/debug/monotask" "$@"; }

say "demo: starting the pipeline"
port=$(node --input-type=module -e 'import { freePort } from "./scripts/dev/ports.mjs"; console.log(await freePort());')
PORT=$port STATE_DIR=$folder/state node scripts/dev.mjs --stop-with-parent >"$folder/log" 2>&1 </dev/null &
pipeline=$!
until grep -q '^MonoTask is ready' "$folder/log"; do
    kill -0 "$pipeline" 2>/dev/null || { cat "$folder/log" >&2; fail "the pipeline did not start; see above."; }
    sleep 0.1
done
export MONOTASK_URL=http://127.0.0.1:$port MONOTASK_KEY=dev-key

node scripts/demo/tasks.mjs tasks >"$folder/tasks.ndjson"
say "demo: submitting $(wc -l <"$folder/tasks.ndjson") tasks: most succeed, some need a retry, some fail for good"
job=$(monotask submit "$folder/tasks.ndjson")
monotask watch "$job" || [ $? = 1 ] # 1: it ended, and some tasks are dead, as they should be

say ""
say "demo: the first dead letters of job $job"
monotask results "$job" --status dead --limit 8

say ""
say "demo: their causes, once the archive has them all"
for _ in $(seq 100); do
    if monotask dead groups --job "$job" --json | node scripts/demo/tasks.mjs archived; then break; fi
    sleep 0.2
done
monotask dead groups --job "$job"
say ""
say "demo: those without a tax number are fixed and replayed, five first"
monotask dead replay --job "$job" --query '"no tax number"' --patch '{"fail": null}' --canary 5 --yes
monotask dead groups --job "$job"
say ""
monotask job "$job" --json | node scripts/demo/tasks.mjs verify
