#!/usr/bin/env bash
# Times what somebody new waits for: `make demo` of this commit in a clone, with a home and caches of its own that are empty.
# What the operating system has installed stays; everything else is downloaded and compiled.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/start.sh"
limit_seconds=600

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git clone --quiet "$root" "$folder/monotask"
mkdir "$folder/home"
# Which registries to ask is the machine's affair, not a cache.
for config in .npmrc .config/pip .cargo/config.toml; do
    [ -e "$HOME/$config" ] || continue
    mkdir -p "$(dirname "$folder/home/$config")"
    cp -r "$HOME/$config" "$folder/home/$config"
done

# run COMMAND...: in the new home. rustup's own toolchains are what the operating system has.
run() {
    env -u CARGO_TARGET_DIR -u MONOTASK_TOOLS -u XDG_CACHE_HOME HOME="$folder/home" CARGO_HOME="$folder/home/.cargo" \
        RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" npm_config_cache="$folder/home/.npm" PATH="${PATH#"$root/node_modules/.bin:"}" "$@"
}

start=$SECONDS
run make -C "$folder/monotask" --no-print-directory demo </dev/null
took=$((SECONDS - start))
again=$SECONDS
run make -C "$folder/monotask" --no-print-directory demo </dev/null
say "first-run: $took s from empty caches to the end of the demo (at most $limit_seconds); $((SECONDS - again)) s when built"
[ "$took" -le "$limit_seconds" ] || fail "the first run takes too long."
