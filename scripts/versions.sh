# shellcheck shell=bash disable=SC2034
# The pinned tools that cargo and apt install. What npm installs is pinned in package.json and package-lock.json,
# the crates in Cargo.toml and Cargo.lock.

CARGO_DENY_VERSION=0.20.2

# Debian's own Rust for WebAssembly, for machines where rustup cannot download the sources of the standard library.
# The linker must not be older than the LLVM inside rustc-web.
DEBIAN_PACKAGES="rustc-web cargo-web rust-web-src lld-22"
DEBIAN_LINKER=wasm-ld-22

# What wrangler needs, where package.json pins no Node.js for the platform.
NODE_VERSION=22.12.0
