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
. "$here/setup/cargo-tools.sh"
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
choose_wasm_toolchain
provide_unwinding_std
install_cargo_tool worker-build worker-build "$WORKER_BUILD_VERSION" "about 4 minutes"
install_cargo_tool wasm-bindgen-cli wasm-bindgen "$WASM_BINDGEN_VERSION" "about 3 minutes"
install_cargo_tool cargo-deny cargo-deny "$CARGO_DENY_VERSION" "about 5 minutes"
install_npm_packages

# Written in one go, so that a script that reads it meanwhile sees the old or the new one.
cat >.tools/env.sh.new <<END
# Written by scripts/setup.sh; \`make setup\` writes it again.
# Prefix of every command that compiles for wasm32: with_wasm cargo build ...
# One compiler per target folder: a second one in the same folder would rebuild everything at each switch.
with_wasm() {
    # RUSTFLAGS of the environment would replace those of .cargo/config.toml, the memory cap among them.
    env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR="\${wasm_target_dir:-$root/target/workers}" $wasm_environment "\$@"
}
export UNWINDING_SYSROOT="$unwinding_sysroot"
export WORKER_BUILD="$worker_build"
export WASM_BINDGEN_BIN="$wasm_bindgen"
export CARGO_DENY="$cargo_deny"
export WASM_OPT_BIN="$root/node_modules/.bin/wasm-opt"
export ESBUILD_BIN="$root/node_modules/.bin/esbuild"
END
mv .tools/env.sh.new .tools/env.sh
say "setup: ready"
