#!/usr/bin/env bash
# Records what the Node packages answer that connect-middleware stands in for: tests/real/packages.sh
#
# It installs the newest versions from npm into target/real/packages, and writes connect-middleware/tests/packages/recorded.json, with
# which `cargo test -p connect-middleware --test packages` compares. It needs node 20 or newer and npm.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

need node nodejs
need npm npm
here=$work/packages
mkdir -p "$here"
npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix "$here" express@5 cookie-parser cors helmet csurf \
    express-session cookie-session vhost express-rate-limit express-basic-auth compression morgan serve-index serve-favicon method-override \
    response-time connect-timeout errorhandler >"$work/packages-npm.log" 2>&1 ||
    { echo "missing: the packages; npm could not install them: see $work/packages-npm.log" >&2; exit 2; }
NODE_PATH=$here/node_modules NODE_ENV=test NODE_NO_WARNINGS=1 node "$root/tests/real/packages.cjs" "$root/connect-middleware/tests/packages/recorded.json"
