# shellcheck shell=bash
# Sourced by ci/viewer.sh and ci/playground.sh: install_node_modules installs what
# viewer/package-lock.json says, unless it is there.

install_node_modules() {
    local lock=viewer/package-lock.json installed=viewer/node_modules/.package-lock.json
    if [[ -e $installed && ! $lock -nt $installed ]]; then
        return
    fi
    npm ci --prefix viewer --no-audit --no-fund --silent
    touch "$installed"
}
