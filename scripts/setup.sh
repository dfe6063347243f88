#!/usr/bin/env bash
# Installs what is missing to build, run and test MonoTask, and nothing that is there already.
# The decisions are written to .tools/env.sh, which build.sh and check.sh read.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/start.sh"
. "$here/versions.sh"
. "$here/setup/programs.sh"
. "$here/setup/apt.sh"
. "$here/setup/wasm.sh"
. "$here/setup/std.sh"
. "$here/setup/npm.sh"

# Compiled tools are shared by all checkouts of this user; each version has its own folder.
tools=${MONOTASK_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/monotask}

cd "$root"
mkdir -p "$tools" .tools

# Two set-ups at once would install over each other. The lock goes with this process, however it ends.
if have flock; then
    exec 9>"$tools/setup.lock"
    flock -n 9 || { say "setup: waiting for another set-up to finish"; flock 9; }
fi

check_programs

# Side by side: one waits for the network where the other computes.
others() {
    install_npm_packages
    # What turns a compiled Worker into what wrangler runs; a no-op once compiled.
    cargo build --quiet --locked -p bundler
}
timed "setup: npm packages and the bundler" "about 1 minute the first time" others &
others=$!
choose_wasm_toolchain
provide_std
wait "$others" || fail "the npm packages or the bundler could not be made; see above." "They need their registries; try again when online."
check_node

# Written in one go, so that a script that reads it meanwhile sees the old or the new one.
cat >.tools/env.sh.new <<END
# Written by scripts/setup.sh; \`make setup\` writes it again.
# Prefix of every command that compiles for wasm32: with_wasm cargo build ...
# One compiler per target folder: a second one in the same folder would rebuild everything at each switch.
with_wasm() {
    # RUSTFLAGS of the environment would replace those of .cargo/config.toml, the memory cap among them.
    env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR="$root/target/workers" $wasm_environment "\$@"
}
# The standard library that unwinds; cargo adds this to the flags of .cargo/config.toml.
wasm_options=(--target wasm32-unknown-unknown
    --config "target.wasm32-unknown-unknown.rustflags=['-Cpanic=unwind', '--sysroot=$std_sysroot']")
END
mv .tools/env.sh.new .tools/env.sh
say "setup: ready"
