#!/usr/bin/env bash
# HTTP/2 and HPACK as h2spec 2.6.0 tests them, plain (prior knowledge) and by TLS (ALPN): tests/real/h2spec.sh
#
# It needs h2spec, in PATH or named by H2SPEC; Debian has no package of it: https://github.com/summerwind/h2spec. Its strict tests
# run as well.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

h2spec=${H2SPEC:-h2spec}
command -v "$h2spec" >/dev/null || { echo "missing: h2spec (in PATH, or its path in H2SPEC)" >&2; exit 2; }

# Tests that may fail, by the start of their title, one a line. The README says why.
allowed_plain=$(cat <<'ALLOWED'
Sends invalid connection preface
ALLOWED
)
allowed_encrypted=""

start_server
"$h2spec" --version

status=0
# run NAME REFERENCE ALLOWED OPTION..: one run, with its failures held against those that are allowed.
run() {
    local name=$1 reference=$2 allowed=$3 log=$work/h2spec-$1.log
    shift 3
    # It exits with 1 when a test fails: the log says which.
    "$h2spec" --host 127.0.0.1 --timeout 5 --strict "$@" >"$log" 2>&1 || true
    local total
    total=$(grep -E '^[0-9]+ tests, ' "$log" || { tail -n 5 "$log" >&2; exit 1; })
    printf '%-10s %s; reference: %s\n' "$name" "$total" "$reference"
    # The list at the end has every failure again, below the line "Failures:".
    local failed
    failed=$(sed -n '/^Failures:/,$p' "$log" | sed -n 's/^ *× [0-9]*: //p' | sort -u)
    while read -r title; do
        [ -n "$title" ] || continue
        if grep -qxF "$title" <<<"$allowed"; then
            echo "  allowed: $title"
        else
            echo "  FAILED:  $title"
            status=1
        fi
    done <<<"$failed"
}
run plain "146 of 147" "$allowed_plain" --port "$plain"
run encrypted "147 of 147" "$allowed_encrypted" --port "$encrypted" --tls --insecure
exit $status
