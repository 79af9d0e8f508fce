// Sends the same requests for static files to connect, nginx and Express, and prints where the responses differ. files.sh starts
// the three: node files.mjs CONNECT NGINX EXPRESS, their ports.
import { createHash } from "node:crypto";
import { request } from "node:http";

const [connect, nginx, express] = process.argv.slice(2).map(Number);

function ask(port, { method = "GET", path, headers = {} }) {
    return new Promise((resolve) => {
        const req = request({ host: "127.0.0.1", port, method, path: `/files${path}`, headers, agent: false }, (res) => {
            const hash = createHash("sha1");
            let length = 0;
            res.on("data", (data) => { length += data.length; hash.update(data); });
            res.on("close", () => resolve({ status: res.statusCode, headers: res.headers, length, hash: hash.digest("hex") }));
        });
        req.on("error", (err) => resolve({ status: 0, headers: {}, length: 0, hash: err.code }));
        req.end();
    });
}

// Each server has validators of its own, so conditions are made of what it has sent itself.
async function validators(port) {
    const { headers } = await ask(port, { path: "/a.txt" });
    return { etag: headers.etag, date: headers["last-modified"] };
}

const old = "Sun, 06 Nov 1994 08:49:37 GMT";
const future = "Tue, 19 Jan 2038 03:14:07 GMT";
const paths = [
    "/", "/index.html", "/a.txt", "/a.txt/", "/A.TXT", "/a", "/missing", "/missing.txt", "/empty.txt", "/big.bin", "/link.txt",
    "/dir", "/dir/", "/dir/index.html", "/dir/b.css", "/dir/deep", "/dir/deep/", "/dir/deep/c.js", "/DIR/", "/empty-dir", "/empty-dir/",
    "/.hidden", "/.well-known", "/.well-known/security.txt", "/with%20space.txt", "/with+space.txt", "/a+b.txt", "/a%2Bb.txt",
    "/f%C3%BCr.txt", "/f%c3%bcr.txt", "/f%FCr.txt", "/%61.txt", "/%61%2etxt", "/a%2Etxt", "//a.txt", "/.//a.txt", "/./a.txt",
    "/dir/../a.txt", "/dir/%2e%2e/a.txt", "/dir/%2E%2E/a.txt", "/../files/a.txt", "/%2e%2e/files/a.txt", "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/dir%2Findex.html", "/dir%2findex.html", "/dir%5Cindex.html",
    "/dir\\index.html", "/dir//index.html", "/dir/./b.css", "/dir/", "/dir?x=1", "/dir/?x=1", "/a.txt?x=1", "/a.txt?/../", "/a.txt;x",
    "/a.txt%00", "/a.txt%00.html", "/%", "/%zz", "/a.txt%", "/a.txt%20", "/a.txt.", "/a.txt::$DATA", "/nul", "/~", "/a.txt#x",
    "/" + "x".repeat(2000), "/dir/" + "../".repeat(20) + "etc/passwd", "/dir/deep/..", "/dir/deep/../", "/dir/..", "/..", "/.", "/...",
];
const ranges = [
    "bytes=0-4", "bytes=0-", "bytes=5-", "bytes=-3", "bytes=-99", "bytes=-0", "bytes=0-0", "bytes=12-12", "bytes=13-", "bytes=13-20",
    "bytes=0-99", "bytes=5-4", "bytes=a-b", "bytes=", "bytes", "lines=0-4", "BYTES=0-4", "bytes= 0-4", "bytes=0-4 ", "bytes=0 - 4",
    "bytes=0-1,4-5", "bytes=0-1,2-3", "bytes=0-4,2-6", "bytes=4-5,0-1", "bytes=0-0,-1", "bytes=0-1,20-30", "bytes=20-30,40-50",
    "bytes=0-1,x", "bytes=,0-1", "bytes=18446744073709551616-", "bytes=0-18446744073709551616", "bytes=--1", "bytes=0-4,",
    "bytes=" + Array.from({ length: 10 }, (_, n) => `${n}-${n}`).join(","),
];
const requests = [
    ...paths.map((path) => ({ path })),
    ...["/a.txt", "/dir", "/dir/", "/missing"].flatMap((path) =>
        ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"].map((method) => ({ method, path }))),
    ...ranges.map((range) => ({ path: "/a.txt", headers: { range } })),
    ...["bytes=0-4", "bytes=-10", "bytes=299999-", "bytes=300000-", "bytes=0-65535,200000-299999"].map((range) => ({ path: "/big.bin", headers: { range } })),
    ...["bytes=0-", "bytes=0-0", "bytes=-1"].map((range) => ({ path: "/empty.txt", headers: { range } })),
    ...["bytes=0-4", "bytes=99-"].map((range) => ({ method: "HEAD", path: "/a.txt", headers: { range } })),
    ...["ETAG", "\"other\"", "W/\"other\"", "*", "ETAG, \"other\"", "\"other\", ETAG", "W/ETAG", "", "x"].flatMap((value) => [
        { path: "/a.txt", headers: { "if-none-match": value } },
        { path: "/a.txt", headers: { "if-match": value } },
    ]),
    ...["DATE", old, future, "x", ""].flatMap((value) => [
        { path: "/a.txt", headers: { "if-modified-since": value } },
        { path: "/a.txt", headers: { "if-unmodified-since": value } },
    ]),
    ...["ETAG", "\"other\"", "DATE", old, future, "x", "W/ETAG"].map((value) => ({ path: "/a.txt", headers: { range: "bytes=0-4", "if-range": value } })),
    { path: "/a.txt", headers: { "if-none-match": "\"other\"", "if-modified-since": "DATE" } },
    { path: "/a.txt", headers: { "if-none-match": "ETAG", "if-modified-since": old } },
    { path: "/a.txt", headers: { "if-none-match": "ETAG", range: "bytes=0-4" } },
    { path: "/a.txt", headers: { "if-match": "\"other\"", range: "bytes=0-4" } },
    { path: "/missing", headers: { "if-none-match": "*" } },
    { path: "/missing", headers: { range: "bytes=0-4" } },
    { path: "/dir", headers: { "if-none-match": "*" } },
    { path: "/a.txt", headers: { "cache-control": "no-cache", "if-none-match": "ETAG" } },
    { path: "/a.txt", headers: { "accept-encoding": "gzip, br" } },
    { path: "/a.txt", headers: { accept: "image/png" } },
];

// Where connect differs from both, and why. Everything else that does is a failure.
const allowed = [
    ["empty and dot segments, encoded slashes", ({ path }) => /\/\/|\/\.\.?(\/|$)|%2e%2e|%2f/i.test(path)],
    ["ranges for HEAD", ({ method, headers }) => method === "HEAD" && headers?.range],
    ["ranges with spaces", ({ headers }) => /= | - /.test(headers?.range ?? "")],
    ["numbers of more than 64 bits", ({ headers }) => headers?.range?.includes("18446744073709551616")],
];

// What is compared: what a client acts on.
function seen({ status, headers, length, hash }, asked) {
    const type = headers["content-type"] ?? "";
    const parts = type.startsWith("multipart/byteranges");
    const file = [200, 206].includes(status) && asked.method !== "OPTIONS";
    return {
        status,
        range: headers["content-range"] ?? "",
        location: headers.location ?? "",
        type: file ? (parts ? "multipart/byteranges" : type.toLowerCase().replace(/\s/g, "")) : "",
        body: file && !parts ? `${length} ${hash.slice(0, 8)}` : "",
        validators: file && !parts ? `${"etag" in headers} ${"last-modified" in headers}` : "",
    };
}

function name({ method = "GET", path, headers = {} }) {
    const long = path.length > 60 ? `${path.slice(0, 20)}.. (${path.length} characters)` : path;
    return [method, long, ...Object.entries(headers).map(([name, value]) => `${name}: ${value.length > 60 ? `${value.slice(0, 30)}..` : value}`)].join(" ");
}

const short = (it) => [it.status, it.range, it.location, it.type === "multipart/byteranges" ? it.type : ""].filter(Boolean).join(" ");
const known = { connect: await validators(connect), nginx: await validators(nginx), express: await validators(express) };
const fill = (asked, { etag = "", date = "" }) => ({
    ...asked,
    headers: Object.fromEntries(Object.entries(asked.headers ?? {}).map(([name, value]) => [
        name,
        value.replace("W/ETAG", `W/${etag.replace("W/", "")}`).replace("ETAG", etag).replace("DATE", date),
    ])),
});
const counts = { both: 0, nginx: 0, express: 0, neither: 0 };
const rows = [];
let failed = 0;
for (const asked of requests) {
    const [ours, theirs, express5] = (await Promise.all([
        ask(connect, fill(asked, known.connect)), ask(nginx, fill(asked, known.nginx)), ask(express, fill(asked, known.express)),
    ])).map((it) => seen(it, asked));
    const asNginx = JSON.stringify(ours) === JSON.stringify(theirs);
    const asExpress = JSON.stringify(ours) === JSON.stringify(express5);
    counts[asNginx && asExpress ? "both" : asNginx ? "nginx" : asExpress ? "express" : "neither"] += 1;
    if (!asNginx && !asExpress) {
        const why = allowed.find(([, holds]) => holds(asked))?.[0];
        failed += why === undefined ? 1 : 0;
        rows.push([name(asked), why ?? "FAILED", ours, theirs, express5]);
    }
}
const cell = (text) => String(text).replace(/\|/g, "\\|");
console.log(`${requests.length} requests: ${counts.both} answered as by nginx and Express, ${counts.nginx} as by nginx, ${counts.express} as by Express, ${counts.neither} otherwise, ${failed} of these not allowed`);
console.log("\n| request | connect | nginx | Express | allowed |\n|---|---|---|---|---|");
for (const [what, why, ...answers] of rows) {
    const texts = answers.map(short);
    // The same but for a type, a body or a validator.
    if (new Set(texts).size === 1) answers.forEach((it, n) => { texts[n] += ` ${it.type} ${it.body} ${it.validators}`; });
    console.log(`| \`${cell(what)}\` | ${texts.map(cell).join(" | ")} | ${why} |`);
}
process.exitCode = failed > 0 ? 1 : 0;
