# shellcheck shell=bash
# wrangler, esbuild and wasm-opt, exactly as package-lock.json says.

install_npm_packages() {
    local stamp=node_modules/.lock-hash wanted
    wanted=$(sha256sum package.json package-lock.json .npmrc)
    if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        say "setup: installing the npm packages of package-lock.json (about 1 minute)"
        npm ci --loglevel=error --no-progress >&2 || fail "npm ci failed; see above." "It needs an npm registry; try again when online."
        printf '%s\n' "$wanted" >"$stamp"
    fi
    say "setup: wrangler $(sed -n 's/.*"wrangler": "\(.*\)".*/\1/p' package.json) and the other npm packages"
}
