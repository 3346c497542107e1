#!/usr/bin/env bash
# Builds what is out of date and starts the engine, like `npm start`:
#
#   scripts/run_gateway.sh dev       messages to read
#   scripts/run_gateway.sh release   NODE_ENV=production, messages as JSON; the shell is replaced by the engine
#
# Further arguments go to `veloz start`.
set -euo pipefail

mode=${1:-}
case $mode in
  dev | release) shift ;;
  *)
    echo "usage: $0 dev|release [options of veloz start]" >&2
    exit 2
    ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
if ! command -v node >/dev/null; then
  echo "VeloZ needs Node 20.19 or newer, and there is no node on the PATH: see https://nodejs.org" >&2
  exit 1
fi
node scripts/prepare.mjs
if [ "$mode" = release ]; then export NODE_ENV=production; fi
exec node dist/core/cli/main.js start "$@"
