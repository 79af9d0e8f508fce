# What the commands of this folder share; sourced by them, after `set -euo pipefail`.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$root/target/real
mkdir -p "$work"
# A name for what this command alone writes, so that two of them can run at a time.
name=$(basename "$0" .sh)

children=()
# Ends the processes that this command has started, and no others.
cleanup() {
    local child
    for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
    wait 2>/dev/null || true
}
trap cleanup EXIT

# need PROGRAM PACKAGE: installs a Debian package if its program is missing, as root, and otherwise says so and ends.
need() {
    export PATH=$PATH:/usr/sbin
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing $2" >&2
        { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$2"; } >"$work/$name-apt.log" 2>&1 || true
    fi
    command -v "$1" >/dev/null || { echo "missing: $1 (apt-get install $2)" >&2; exit 2; }
}

# A certificate of one's own for localhost, in $certificate and $key. It is made again for every run.
certificate=$work/$name-cert.pem
key=$work/$name-key.pem
make_certificate() {
    need openssl openssl
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$key" -out "$certificate" 2>"$work/$name-openssl.log"
}

# start_server: builds connect-real and starts it; its ports are in $plain and $encrypted, its process in $server. Variables in
# the environment set its limits: see server/src/main.rs.
start_server() {
    cargo build --manifest-path "$root/Cargo.toml" --quiet --release --package connect-real
    make_certificate
    CERTIFICATES=$certificate KEY=$key "${CARGO_TARGET_DIR:-$root/target}/release/connect-real" >"$work/$name-server.out" 2>"$work/$name-server.err" &
    server=$!
    children+=("$server")
    for _ in $(seq 100); do
        [ "$(wc -l <"$work/$name-server.out")" = 2 ] && break
        sleep 0.1
    done
    plain=$(sed -n 's/^plain .*://p' "$work/$name-server.out")
    encrypted=$(sed -n 's/^encrypted .*://p' "$work/$name-server.out")
    if [ -z "$plain" ] || [ -z "$encrypted" ]; then
        echo "the server did not start:" >&2
        cat "$work/$name-server.err" >&2
        exit 2
    fi
}

# stop_server: ends the server and waits for it, so that another can start with other limits.
stop_server() {
    kill "$server"
    wait "$server" || true
}
