#!/usr/bin/env bash
# Static files beside nginx and Express, request by request: tests/real/files.sh
#
# The same folder is served by all three, and each gets the same requests: spellings of paths, methods, conditions, ranges. It needs
# nginx (a Debian package), node 20 or newer, and npm, which installs Express into target/real/files.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

need nginx nginx-light
need node nodejs
need npm npm
here=$work/files
folder=$here/public
rm -rf "$here/public" && mkdir -p "$folder/dir/deep" "$folder/empty-dir" "$folder/.well-known" "$here/tmp"
printf 'hello static\n' >"$folder/a.txt"
printf '<!DOCTYPE html><p>index\n' >"$folder/index.html"
printf '<!DOCTYPE html><p>dir\n' >"$folder/dir/index.html"
printf 'b\n' >"$folder/dir/b.css"
printf 'deep\n' >"$folder/dir/deep/c.js"
printf 'hidden\n' >"$folder/.hidden"
printf 'known\n' >"$folder/.well-known/security.txt"
printf 'space\n' >"$folder/with space.txt"
printf 'umlaut\n' >"$folder/für.txt"
printf 'plus\n' >"$folder/a+b.txt"
: >"$folder/empty.txt"
head -c 300000 /dev/zero | tr '\0' x >"$folder/big.bin"
ln -s a.txt "$folder/link.txt"
# Long ago, so that validators are settled.
find "$folder" -exec touch -h -d '2024-01-02 03:04:05 UTC' {} +

if [ ! -d "$here/node_modules/express" ]; then
    (cd "$here" && npm install --silent --no-save --prefix "$here" express@5 >"$here/npm.log" 2>&1) || { echo "missing: Express; npm could not install it" >&2; exit 2; }
fi
mapfile -t ports < <(node -e '
    const { createServer } = require("node:net");
    const servers = Array.from({ length: 2 }, () => createServer().listen(0, "127.0.0.1"));
    for (const server of servers) server.on("listening", () => { console.log(server.address().port); server.close(); });
')
cat >"$here/nginx.conf" <<CONF
user $(id -un) $(id -gn);
daemon off;
pid $here/nginx.pid;
error_log $here/nginx-error.log;
events {}
http {
    access_log off;
    default_type application/octet-stream;
    types { text/html html; text/plain txt; text/css css; text/javascript js; }
    charset utf-8;
    charset_types text/html text/plain text/css text/javascript;
    client_body_temp_path $here/tmp/body;
    proxy_temp_path $here/tmp/proxy;
    fastcgi_temp_path $here/tmp/fastcgi;
    uwsgi_temp_path $here/tmp/uwsgi;
    scgi_temp_path $here/tmp/scgi;
    absolute_redirect off;
    server {
        listen 127.0.0.1:${ports[0]};
        location /files/ { alias $folder/; }
    }
}
CONF
nginx -p "$here" -e "$here/nginx-error.log" -c "$here/nginx.conf" >"$here/nginx.out" 2>&1 &
children+=($!)
cat >"$here/express.cjs" <<'JS'
const express = require("express");
const app = express();
app.use("/files", express.static(process.argv[2]));
app.listen(Number(process.argv[3]), "127.0.0.1");
JS
NODE_ENV=production node "$here/express.cjs" "$folder" "${ports[1]}" >"$here/express.out" 2>&1 &
children+=($!)
FILES=$folder start_server
for port in "${ports[@]}"; do
    for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break || sleep 0.1; done
done
node "$root/tests/real/files.mjs" "$plain" "${ports[0]}" "${ports[1]}"
