#!/usr/bin/env bash
# Express's own acceptance tests, against ports of its examples, and against Express for comparison: tests/real/express.sh
#
# The files of tests are those of Express's repository, unchanged: express.cjs gives them the URL of a port where they require an
# example. EXPRESS names a checkout of the repository; without it, the version below is cloned into target/real. It needs git,
# node 20 or newer and npm, and installs the packages that Express's tests need into the checkout.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

need node nodejs
need npm npm
version=v5.2.1
express=${EXPRESS:-$work/express-$version}
if [ -z "${EXPRESS:-}" ] && [ ! -d "$express" ]; then
    need git git
    git -c advice.detachedHead=false clone --quiet --depth 1 --branch "$version" https://github.com/expressjs/express "$express" ||
        { echo "missing: Express's repository (EXPRESS names a checkout of it)" >&2; exit 2; }
fi
if [ ! -d "$express/test/acceptance" ]; then
    echo "missing: $express/test/acceptance (EXPRESS names a checkout of Express's repository)" >&2
    exit 2
fi
express=$(cd "$express" && pwd)
if [ ! -d "$express/node_modules/supertest" ] || [ ! -d "$express/node_modules/mocha" ]; then
    (cd "$express" && npm install --no-audit --no-fund --ignore-scripts) >"$work/$name-npm.log" 2>&1 ||
        { echo "missing: the packages of Express's tests (npm install in $express): see $work/$name-npm.log" >&2; exit 2; }
fi

# A debug build: nothing here is measured.
cargo build --manifest-path "$root/Cargo.toml" --quiet --package connect-real-express
ports=${CARGO_TARGET_DIR:-$root/target}/debug/connect-real-express
here=$work/acceptance
rm -rf "$here" && mkdir -p "$here"

# mocha WHO FILE OPTION..: runs a file of tests as Express's package.json does. The results are in WHO-FILE.json.
mocha() {
    local who=$1 file=$2
    shift 2
    (cd "$express" && timeout 120 node node_modules/mocha/bin/mocha.js "$@" --require test/support/env --check-leaks \
        --reporter json --reporter-option "output=$here/$who-$file.json" "test/acceptance/$file.js") >"$here/$who-$file.log" 2>&1 || true
}

for path in "$express"/test/acceptance/*.js; do
    file=$(basename "$path" .js)
    mocha express "$file"
    # As NODE_ENV, which the tests set to "test": errors show their messages, and are not logged.
    CONNECT_ENV=test "$ports" "$file" >"$here/$file.out" 2>"$here/$file.err" &
    server=$!
    children+=("$server")
    for _ in $(seq 100); do
        [ -s "$here/$file.out" ] || ! kill -0 "$server" 2>/dev/null || { sleep 0.1; continue; }
        break
    done
    EXAMPLE=$file URL=$(cat "$here/$file.out") mocha connect "$file" --require "$root/tests/real/express.cjs"
    kill "$server" 2>/dev/null || true
    wait "$server" || true
    children=()
done

node - "$here" "$express" <<'JS'
const { existsSync, readFileSync, readdirSync } = require("node:fs");
const [here, express] = process.argv.slice(2);

// The tests that may fail, as "file: title", with the cause.
const allowed = {};

const read = (path) => JSON.parse(readFileSync(path, "utf8"));
function results(who, file) {
    const path = `${here}/${who}-${file}.json`;
    if (!existsSync(path)) return { passed: 0, total: 0, failures: [], missing: true };
    const { stats, failures } = read(path);
    return { passed: stats.passes, total: stats.tests, failures };
}

const line = (file, connect, reference) => console.log(`${file.padEnd(24)}${connect.padEnd(14)}${reference}`);
const count = ({ passed, total }) => `${passed} of ${total}`;
const sum = { connect: { passed: 0, total: 0 }, express: { passed: 0, total: 0 } };
const notes = [];
let status = 0;
console.log(`Express ${read(`${express}/package.json`).version}, node ${process.versions.node}`);
line("", "connect", "Express");
for (const name of readdirSync(`${express}/test/acceptance`).filter((name) => name.endsWith(".js"))) {
    const file = name.slice(0, -3);
    const of = { connect: results("connect", file), express: results("express", file) };
    for (const who of ["connect", "express"]) {
        sum[who].passed += of[who].passed;
        sum[who].total += of[who].total;
    }
    line(file, count(of.connect), count(of.express));
    if (of.connect.missing || of.connect.total !== of.express.total) {
        notes.push(`FAILED: ${file}: not all tests ran: see ${here}`);
        status = 1;
    }
    const known = new Set(of.express.failures.map((test) => test.fullTitle));
    for (const { fullTitle, err } of of.connect.failures) {
        const cause = allowed[`${file}: ${fullTitle}`] ?? (known.has(fullTitle) ? "Express fails it too" : undefined);
        if (cause === undefined) status = 1;
        notes.push(cause ? `allowed: ${file}: ${fullTitle}: ${cause}` : `FAILED: ${file}: ${fullTitle}: ${err.message}`);
    }
}
line("sum", count(sum.connect), count(sum.express));
for (const note of notes) console.log(`  ${note}`);
process.exit(status);
JS
