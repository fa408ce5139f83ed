# shellcheck shell=bash
# Sourced by scripts, from the project's root: install_node_modules installs what
# viewer/package-lock.json says. The lock file names each package by its hash, and nothing is run at
# the installation.

install_node_modules() {
    if cmp -s viewer/package-lock.json viewer/node_modules/.drydock-lock; then
        return
    fi
    npm ci --prefix viewer --ignore-scripts --no-audit --no-fund --loglevel=error
    cp viewer/package-lock.json viewer/node_modules/.drydock-lock
}
