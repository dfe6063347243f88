# shellcheck shell=bash disable=SC2034
# The pinned tools that cargo and apt install. What npm installs is pinned in package.json and package-lock.json,
# the crates in Cargo.toml and Cargo.lock.

# The build driver of workers-rs; goes with `worker` in Cargo.toml.
WORKER_BUILD_VERSION=0.8.7
# Must equal `wasm-bindgen` in Cargo.toml: the program refuses a library of another version.
WASM_BINDGEN_VERSION=0.2.129
CARGO_DENY_VERSION=0.20.2

# Debian's own Rust for WebAssembly, for machines where rustup cannot download the wasm32 target.
# The linker must not be older than the LLVM inside rustc-web.
DEBIAN_PACKAGES="rustc-web cargo-web rust-web-src rust-web-clippy lld-22"
DEBIAN_LINKER=wasm-ld-22

# worker-build links the system's OpenSSL.
OPENSSL_PACKAGES="pkg-config libssl-dev"

NODE_MAJOR=20
