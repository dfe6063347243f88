#!/usr/bin/env bash
# Lets wrangler bundle each Worker and check its configuration as for a deployment. Needs no account and no network.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
cd "$root"
export WRANGLER_SEND_METRICS=false WRANGLER_HIDE_BANNER=true

bundles=$(mktemp -d)
trap 'rm -rf "$bundles"' EXIT
for config in ledger/wrangler.toml dlq/wrangler.toml consumers/wrangler.toml wrangler.toml; do
    printf '== %s\n' "$config"
    node node_modules/wrangler/wrangler-dist/cli.js deploy --dry-run --outdir "$bundles/${config%wrangler.toml}" -c "$config" </dev/null
done
