#!/usr/bin/env bash
# Slow clients, as slowhttptest makes them: headers, bodies, ranges and reads, each with 300 connections for at most 60 s:
# tests/real/slowhttptest.sh
#
# Once with the server's default limits and once with limits of a few seconds. It needs slowhttptest (a Debian package).
# CONNECTIONS and DURATION (seconds) change the load.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

need slowhttptest slowhttptest
need curl curl
need ss iproute2
connections=${CONNECTIONS:-300}
duration=${DURATION:-60}

# A file for the requests with many ranges.
export FILES=$work/files
mkdir -p "$FILES"
[ -s "$FILES/page.txt" ] || head -c 1048576 /dev/zero | tr '\0' 'x' >"$FILES/page.txt"

status=0
# sockets STATE: how many of the server's own sockets are in it.
sockets() { ss -Htn state "$1" "sport = :$plain" | wc -l; }
# attack NAME HELD OPTION..: one mode, at the plain port. More connections held at the end than HELD is a failure, and so is a
# request of another client that is not answered within 2 s, whenever it is sent.
attack() {
    local name=$1 most=$2 log=$work/slowhttptest-$1.log unanswered=0 held=0 peak=0 closing=0
    shift 2
    slowhttptest -c "$connections" -r 200 -l "$duration" -p 2 "$@" >"$log" 2>&1 &
    local tool=$!
    children+=("$tool")
    local started=$SECONDS
    while kill -0 "$tool" 2>/dev/null; do
        # Not in the last second: at its end the tool closes its own sockets.
        if [ $((SECONDS - started)) -lt $((duration - 1)) ]; then
            held=$(sockets established)
            closing=$(sockets fin-wait-1)
            [ "$held" -le "$peak" ] || peak=$held
        fi
        curl --silent --fail --max-time 2 -o /dev/null "http://127.0.0.1:$plain/" || unanswered=$((unanswered + 1))
        sleep 0.5
    done
    # Its exit status depends on what it calls availability, which the log has.
    wait "$tool" || true
    local plain_log available ended took verdict=ok
    plain_log=$(sed 's/\x1b\[[0-9;]*[A-Za-z]//g' "$log")
    available=$(awk '/^service available:/ {seen = $3} END {print seen}' <<<"$plain_log")
    ended=$(sed -n 's/^Exit status: *//p' <<<"$plain_log" | tail -n 1)
    took=$(sed -n 's/^Test ended on \([0-9]*\).*/\1/p' <<<"$plain_log" | tail -n 1)
    # The tool ended by itself because the server had closed them all, perhaps after the last look.
    [ "$ended" != "No open connections left" ] || held=0
    if [ -z "$ended" ] || [ "$held" -gt "$most" ] || [ "$available" != YES ] || [ "$unanswered" != 0 ]; then
        verdict=FAILED
        status=1
    fi
    printf '%-6s  %-15s  %3s of %3s held at the end (at most %s), %s in FIN-WAIT-1; available: %s, %s requests unanswered; %s s: %s\n' \
        "$verdict" "$name" "$held" "$peak" "$most" "$closing" "${available:-?}" "$unanswered" "${took:-?}" "${ended:-?}"
}

# modes LIMITS HEADERS BODIES RANGES READS: the four modes, with how many connections each may hold at the end.
modes() {
    local url=http://127.0.0.1:$plain
    attack "headers-$1" "$2" -H -i 5 -u "$url/" -t GET -x 24
    attack "body-$1" "$3" -B -i 5 -s 8192 -u "$url/upload" -t POST -x 10
    attack "range-$1" "$4" -R -a 5 -b 500 -u "$url/files/page.txt" -t GET
    attack "read-$1" "$5" -X -w 512 -y 1024 -n 5 -z 32 -k 3 -u "$url/big"
}

echo "Default limits: header_timeout 30 s, body_timeout 30 s, min_body_rate 240 B/s, write_timeout 60 s."
start_server
# The write_timeout is as long as the test: slow readers are still there at its end.
modes default 0 0 0 "$connections"
stop_server
echo "Lower limits: header_timeout 5 s, body_timeout 5 s, min_body_rate 240 B/s, write_timeout 10 s."
export HEADER_TIMEOUT=5 BODY_TIMEOUT=5 WRITE_TIMEOUT=10
start_server
# One may be the tool's own request, by which it sees whether the service is available.
modes low 0 0 0 1
exit $status
