# shellcheck shell=bash
# wrangler and the Node.js that runs it, exactly as package-lock.json says.

install_npm_packages() {
    local stamp=node_modules/.lock-hash wanted
    wanted=$(sha256sum package.json package-lock.json .npmrc)
    [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
    npm ci --loglevel=error --no-progress || return
    printf '%s\n' "$wanted" >"$stamp"
}

# package.json pins a Node.js for Linux; elsewhere the system's own must do.
check_node() {
    local found
    found=$(version_of node)
    at_least "$found" "$NODE_VERSION" || fail "Node.js $found is too old for wrangler." "Install Node.js $NODE_VERSION or newer."
    say "setup: wrangler $(sed -n 's/.*"wrangler": "\(.*\)".*/\1/p' package.json), Node.js $found"
}
