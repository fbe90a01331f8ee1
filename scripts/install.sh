#!/bin/sh
# Installs exactly what package-lock.json says, the project's own Node among it; does nothing when that is there already.
set -eu
root=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)
cd "$root"
stamp=node_modules/.package-lock.json
if [ -x node_modules/.bin/node ] && [ -f "$stamp" ] && [ ! package-lock.json -nt "$stamp" ]; then
  exit 0
fi
if ! command -v npm >/dev/null 2>&1; then
  echo 'error: npm was not found' >&2
  echo 'hint: install Node 20 or later with npm; PIVO then brings the Node that it runs on.' >&2
  exit 69
fi
echo 'pivo: installing dependencies (npm ci) …' >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! npm ci --no-fund --no-audit --loglevel=error >"$log" 2>&1; then
  cat "$log" >&2
  echo 'error: npm ci failed' >&2
  echo 'hint: see the lines above; `npm config get registry` tells where packages are looked for.' >&2
  exit 1
fi
if [ ! -x node_modules/.bin/node ]; then
  # npm was told not to run install scripts: the node package then lacks its link to the binary
  node node_modules/node/installArchSpecificPackage.js >"$log" 2>&1 || true
fi
if ! node_modules/.bin/node --version >/dev/null 2>&1; then
  cat "$log" >&2
  echo 'error: the Node that PIVO brings does not run on this machine' >&2
  echo 'hint: npm must be allowed to run the install script of the package "node" (npm config get ignore-scripts).' >&2
  exit 1
fi
touch "$stamp"
