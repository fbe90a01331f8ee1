#!/bin/sh
# Installs exactly what package-lock.json says, the project's own Node among it; does nothing when that is there already.
set -eu
root=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)
cd "$root"
installed=node_modules/.pivo-package-lock.json # a copy of the lock that the folder was made from
if [ -x node_modules/.bin/node ] && cmp -s package-lock.json "$installed"; then
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
# No package's own install script is run: npm 10 would compile what comes compiled. The one that is needed puts the Node for
# this machine beside the package "node", and is run by hand.
if ! npm ci --ignore-scripts --no-fund --no-audit --loglevel=error >"$log" 2>&1; then
  cat "$log" >&2
  echo 'error: npm ci failed' >&2
  echo 'hint: see the lines above; `npm config get registry` tells where packages are looked for.' >&2
  exit 1
fi
if [ -f node_modules/node/installArchSpecificPackage.js ]; then
  (cd node_modules/node && node installArchSpecificPackage.js) >"$log" 2>&1 || true # whether it runs is looked at below
  mkdir -p node_modules/.bin
  ln -sf ../node/bin/node node_modules/.bin/node
fi
if ! node_modules/.bin/node --version >/dev/null 2>&1; then
  cat "$log" >&2
  echo 'error: the Node that PIVO brings does not run on this machine' >&2
  echo 'hint: the lines above say why; there is one for Linux and macOS on x64 and arm64.' >&2
  exit 1
fi
cp package-lock.json "$installed"
