#!/usr/bin/env bash
# nginx and haproxy in front of the server, and the server without them for comparison: tests/real/proxies.sh
#
# Each way to the server has the same checks: many requests on one connection, uploads of 16 MiB with a length and in chunks,
# a download of 16 MiB, server-sent events, a WebSocket. It needs nginx and haproxy (Debian packages), curl and node 20 or newer.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

need nginx nginx-light
need haproxy haproxy
need curl curl
need node nodejs
here=$work/proxies
rm -rf "$here" && mkdir -p "$here/tmp"

# Ports that are free now: the proxies cannot choose their own.
mapfile -t ports < <(node -e '
    const { createServer } = require("node:net");
    const servers = Array.from({ length: 6 }, () => createServer().listen(0, "127.0.0.1"));
    for (const server of servers) server.on("listening", () => { console.log(server.address().port); server.close(); });
')
start_server
cat "$certificate" "$key" >"$here/both.pem"

# Its defaults, buffering of responses included, but for what its documentation asks for in front of WebSockets and for uploads.
cat >"$here/nginx.conf" <<CONF
user $(id -un) $(id -gn);
daemon off;
pid $here/nginx.pid;
error_log $here/nginx-error.log;
events {}
http {
    access_log off;
    client_body_temp_path $here/tmp/body;
    proxy_temp_path $here/tmp/proxy;
    fastcgi_temp_path $here/tmp/fastcgi;
    uwsgi_temp_path $here/tmp/uwsgi;
    scgi_temp_path $here/tmp/scgi;
    client_max_body_size 64m;
    map \$http_upgrade \$connection_header { default upgrade; '' ''; }
    upstream plain { server 127.0.0.1:$plain; keepalive 8; }
    upstream encrypted { server 127.0.0.1:$encrypted; keepalive 8; }
    proxy_http_version 1.1;
    proxy_set_header Host \$http_host;
    proxy_set_header Upgrade \$http_upgrade;
    proxy_set_header Connection \$connection_header;
    server {
        listen 127.0.0.1:${ports[0]};
        listen 127.0.0.1:${ports[1]} ssl http2;
        ssl_certificate $certificate;
        ssl_certificate_key $key;
        location / { proxy_pass http://plain; }
    }
    server {
        listen 127.0.0.1:${ports[2]};
        location / { proxy_pass https://encrypted; }
    }
}
CONF
nginx -p "$here" -e "$here/nginx-error.log" -c "$here/nginx.conf" >"$here/nginx.out" 2>&1 &
children+=($!)

# Each front by HTTP/1.1 and, with TLS, HTTP/2; the server by HTTP/1.1 and by HTTP/2 with prior knowledge, WebSockets included.
cat >"$here/haproxy.cfg" <<CONF
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h
frontend to_http1
    bind 127.0.0.1:${ports[3]}
    bind 127.0.0.1:${ports[4]} ssl crt $here/both.pem alpn h2,http/1.1
    default_backend http1
frontend to_http2
    bind 127.0.0.1:${ports[5]} ssl crt $here/both.pem alpn h2,http/1.1
    default_backend http2
backend http1
    server connect 127.0.0.1:$plain
backend http2
    server connect 127.0.0.1:$plain proto h2 ws h2
CONF
haproxy -db -f "$here/haproxy.cfg" >"$here/haproxy.out" 2>&1 &
children+=($!)
for port in "${ports[@]}"; do
    curl --silent --insecure --retry 20 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$port/" ||
        curl --silent --insecure --retry 20 --retry-delay 1 --retry-all-errors -o /dev/null "https://127.0.0.1:$port/"
done

head -c 16777216 /dev/urandom >"$here/upload"
ask() { curl --silent --show-error --fail --max-time 30 --cacert "$certificate" "${protocol[@]}" "$@"; }

# The checks; $base is the way to the server and $protocol what curl is told.
version() { [ "$(ask -o /dev/null -w '%{http_version}' "$base/")" = "$expected" ]; }
requests() { [ "$(ask "$base/?[1-500]" | grep -c '^connect: a server')" = 500 ]; }
upload() { ask --data-binary "@$here/upload" -H 'Content-Type: application/octet-stream' -H 'Expect:' "$base/upload" | cmp - "$here/upload"; }
chunked() { ask -T - -X POST -H 'Content-Type: application/octet-stream' -H 'Expect:' "$base/upload" <"$here/upload" | cmp - "$here/upload"; }
download() { [ "$(ask "$base/big" | wc -c)" = 16777216 ]; }
# An event every 200 ms: five of them in 3 s, of a stream that has no end, are not held back by a buffer.
events() {
    local seen
    seen=$(ask --no-buffer --max-time 3 -H 'Last-Event-ID: 41' "$base/events" 2>/dev/null || [ $? = 28 ])
    [ "$(grep -c '^data: tick' <<<"$seen")" -ge 5 ] && grep -qx 'data: tick 42' <<<"$seen"
}
websocket() { NODE_EXTRA_CA_CERTS=$certificate timeout 30 node "$root/tests/real/echo.mjs" "ws${base#http}/echo"; }

status=0
# way NAME BASE VERSION OPTION..: all checks on one way to the server, and the version of HTTP that curl has to see. The check
# named by $allowed may fail.
way() {
    local way=$1 check passed=0 total=0 failed=""
    base=$2 expected=$3
    shift 3
    protocol=("$@")
    for check in version requests upload chunked download events websocket; do
        total=$((total + 1))
        if "$check" >>"$here/checks.log" 2>&1; then
            passed=$((passed + 1))
        elif [ "$check" = "${allowed:-}" ]; then
            failed+=", allowed: $check"
        else
            failed+=", FAILED: $check"
            status=1
        fi
    done
    printf '%-42s %s of %s%s\n' "$way" "$passed" "$total" "$failed"
}
h1=http://127.0.0.1 tls=https://127.0.0.1
way "direct, HTTP/1.1" "$h1:$plain" 1.1 --http1.1
# curl 7.88 fails with error 16 when it reuses such a connection, before it sends anything.
allowed=requests way "direct, HTTP/2 by prior knowledge" "$h1:$plain" 2 --http2-prior-knowledge
way "direct, TLS, HTTP/1.1" "$tls:$encrypted" 1.1 --http1.1
way "direct, TLS, HTTP/2" "$tls:$encrypted" 2 --http2
way "nginx: HTTP/1.1 to HTTP/1.1" "$h1:${ports[0]}" 1.1 --http1.1
way "nginx: TLS, HTTP/2 to HTTP/1.1" "$tls:${ports[1]}" 2 --http2
way "nginx: HTTP/1.1 to TLS, HTTP/1.1" "$h1:${ports[2]}" 1.1 --http1.1
way "haproxy: HTTP/1.1 to HTTP/1.1" "$h1:${ports[3]}" 1.1 --http1.1
way "haproxy: TLS, HTTP/2 to HTTP/1.1" "$tls:${ports[4]}" 2 --http2
way "haproxy: TLS, HTTP/1.1 to HTTP/2" "$tls:${ports[5]}" 1.1 --http1.1
way "haproxy: TLS, HTTP/2 to HTTP/2" "$tls:${ports[5]}" 2 --http2
exit $status
