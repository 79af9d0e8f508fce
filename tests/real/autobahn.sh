#!/usr/bin/env bash
# WebSockets as Autobahn's fuzzing client tests them (RFC 6455), by HTTP/1.1: tests/real/autobahn.sh
#
# It needs Python 2.7 (PYTHON27 names it; otherwise python2.7 in PATH, or pyenv's) and its pip; autobahntestsuite is installed from
# PyPI. CASES is a case or a pattern, all of them by default. The report is target/real/autobahn/report/index.html.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

here=$work/autobahn
mkdir -p "$here"
if [ ! -x "$here/venv/bin/wstest" ]; then
    python=""
    # pyenv's own command for a version that is not chosen is there and fails.
    for candidate in "${PYTHON27:-}" python2.7 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7*/bin/python2.7; do
        [ -n "$candidate" ] && "$candidate" -m pip --version >/dev/null 2>&1 && python=$candidate && break
    done
    [ -n "$python" ] || { echo "missing: Python 2.7 with pip (its path in PYTHON27); pyenv install 2.7.18 builds it" >&2; exit 2; }
    echo "installing autobahntestsuite" >&2
    # Its packages need an environment of their own: some are namespaces, which `pip install --target` leaves incomplete.
    {
        "$python" -m pip install --target "$here/virtualenv" --upgrade virtualenv==20.15.1
        PYTHONPATH=$here/virtualenv "$python" -m virtualenv "$here/venv"
        "$here/venv/bin/pip" install autobahntestsuite==25.10.1
    } >"$here/install.log" 2>&1 || { echo "missing: autobahntestsuite; see $here/install.log" >&2; exit 2; }
fi

start_server
cat >"$here/client.json" <<JSON
{
  "outdir": "$here/report",
  "servers": [{"agent": "connect", "url": "ws://127.0.0.1:$plain/echo"}],
  "cases": ["${CASES:-*}"],
  "exclude-cases": [],
  "exclude-agent-cases": {}
}
JSON
rm -rf "$here/report"
(cd "$here" && venv/bin/wstest --mode fuzzingclient --spec client.json) >"$here/run.log" 2>&1 || { tail -n 5 "$here/run.log" >&2; exit 1; }

# Sections 12 and 13 are permessage-deflate (RFC 7692), which tungstenite does not have: nothing else may be unimplemented.
# INFORMATIONAL cases have no expectation, and NON-STRICT ones are allowed by the RFC; both are listed.
"$here/venv/bin/python" - "$here/report/index.json" <<'PYTHON'
import collections
import json
import sys

cases = json.load(open(sys.argv[1]))["connect"]
section = lambda case: case.split(".")[0]
compressed = {case: result for case, result in cases.items() if section(case) in ("12", "13")}
plain = {case: result for case, result in cases.items() if case not in compressed}
passed = set(
    case for case, result in plain.items()
    if result["behavior"] in ("OK", "NON-STRICT", "INFORMATIONAL") and result["behaviorClose"] in ("OK", "INFORMATIONAL"))
# Section 9 is about large messages and speed; the reference leaves it out.
for title, chosen, reference in (
        ("1 to 7 and 10", [case for case in plain if section(case) != "9"], "247 of 247"),
        ("9, limits and performance", [case for case in plain if section(case) == "9"], "none")):
    print("%s: %d of %d passed; reference: %s" % (title, len(passed.intersection(chosen)), len(chosen), reference))
for behavior, count in sorted(collections.Counter(result["behavior"] for result in plain.values()).items()):
    print("  %s: %d" % (behavior, count))
numbers = lambda case: [int(number) for number in case.split(".")]
failed = False
for case in sorted(plain, key=numbers):
    result = plain[case]
    if case not in passed:
        failed = True
        print("  FAILED: %s: %s, closing: %s" % (case, result["behavior"], result["behaviorClose"]))
    elif result["behavior"] != "OK":
        print("  allowed: %s: %s" % (case, result["behavior"]))
unimplemented = [case for case, result in compressed.items() if result["behavior"] == "UNIMPLEMENTED"]
print("12 and 13, compression: %d of %d unimplemented" % (len(unimplemented), len(compressed)))
sys.exit(failed or len(unimplemented) != len(compressed))
PYTHON
