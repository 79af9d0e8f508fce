// Records what the packages of Express's ecosystem answer: see packages.sh. NODE_PATH names the folder with the packages.
//
//     node tests/real/packages.cjs connect-middleware/tests/packages/recorded.json
//
// A configuration is a function that adds layers to an app; its text is recorded beside the answers. Each case gets a new app, and
// a client that keeps cookies. What is random or a time is replaced, as `normalized` in connect-middleware/tests/packages/answer.rs
// does for the other side.
const { writeFileSync } = require('node:fs');
const http = require('node:http');
const zlib = require('node:zlib');
const express = require('express');
const packages = {
  cors: require('./packages/cors.cjs'),
  helmet: require('./packages/helmet.cjs'),
  csurf: require('./packages/csurf.cjs'),
  'express-session': require('./packages/session.cjs'),
  'cookie-session': require('./packages/cookie-session.cjs'),
  vhost: require('./packages/vhost.cjs'),
  'express-rate-limit': require('./packages/rate-limit.cjs'),
  'express-basic-auth': require('./packages/basic-auth.cjs'),
  compression: require('./packages/compression.cjs'),
  morgan: require('./packages/morgan.cjs'),
  'serve-index': require('./packages/serve-index.cjs'),
  'serve-favicon': require('./packages/serve-favicon.cjs'),
  'method-override': require('./packages/method-override.cjs'),
  'response-time': require('./packages/response-time.cjs'),
  'connect-timeout': require('./packages/connect-timeout.cjs'),
  errorhandler: require('./packages/errorhandler.cjs'),
};

function send(port, { method, path, headers, body }, cookies) {
  const all = { ...headers };
  if (cookies.size > 0) all.cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Promise((resolve, reject) => {
    const request = http.request({ port, method, path, headers: all, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, raw: response.headers, body: decoded(response, Buffer.concat(chunks)) }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function decoded(response, bytes) {
  const decode = { br: zlib.brotliDecompressSync, gzip: zlib.gunzipSync, deflate: zlib.inflateSync }[response.headers['content-encoding']];
  return (decode && bytes.length > 0 ? decode(bytes) : bytes).toString();
}

/** Keeps and forgets cookies as a browser does; paths and `Secure` do not matter here. */
function keep(cookies, lines) {
  for (const line of lines) {
    const [pair, ...attributes] = line.split(/; */);
    const at = pair.indexOf('=');
    const gone = attributes.some((text) => /^max-age=0$/i.test(text) || (/^expires=/i.test(text) && Date.parse(text.slice(8)) < Date.now()));
    if (gone) cookies.delete(pair.slice(0, at));
    else cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

/** Up to the next multiple of ten, so that a slow machine records the same. */
const tens = (seconds) => Math.ceil(seconds / 10) * 10;

function normalized(name, value) {
  if (name === 'set-cookie') {
    const [pair, ...attributes] = value.split(/; */);
    const at = pair.indexOf('=');
    const shown = attributes.map((text) => {
      const [key, date] = text.split(/=(.*)/);
      if (key.toLowerCase() !== 'expires') return text.toLowerCase();
      const seconds = (Date.parse(date) - Date.now()) / 1000;
      return seconds < 0 ? 'expires=past' : `expires=in ${tens(seconds)} s`;
    });
    return [`${pair.slice(0, at)}=${pair.length > at + 1 ? '*' : ''}`, ...shown.sort()].join('; ');
  }
  if (name === 'x-ratelimit-reset') return `in ${tens(Number(value) - Date.now() / 1000)} s`;
  if (['retry-after', 'ratelimit-reset'].includes(name)) return String(tens(Number(value)));
  if (name === 'ratelimit') return value.replace(/\b(t|reset)=(\d+)/g, (_, key, seconds) => `${key}=${tens(Number(seconds))}`);
  if (['x-response-time', 'x-took'].includes(name)) return value.replace(/^\d+/, '*').replace(/\.(\d+)/, (_, digits) => `.${'*'.repeat(digits.length)}`);
  // What a tag is made of is each one's own.
  if (name === 'etag') return value.replace(/"[0-9a-f]+-[^"]*"/, '"*"');
  return value.replace(/'nonce-[^']+'/g, "'nonce-*'");
}

async function answers(settings, configure, requests) {
  const app = express();
  app.set('env', 'test');
  if (!settings.last) configure(app);
  settings.routes(app);
  if (settings.last) configure(app);
  app.use((err, req, res, next) => {
    const status = err.status ?? 500;
    res.status(status).type('text').send(`error ${status}`);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const cookies = new Map();
  const bodies = [];
  const exchanges = [];
  for (const [method, path, headers = {}, body = ''] of requests) {
    // `{0}` stands for the body of the first answer.
    const filled = (text) => text.replace(/\{(\d)\}/g, (_, at) => bodies[at]);
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)]));
    const got = await send(server.address().port, { method, path: filled(path), headers: sent, body: filled(body) }, cookies);
    keep(cookies, got.raw['set-cookie'] ?? []);
    bodies.push(got.body);
    const compared = {};
    for (const [name, value] of Object.entries(got.raw)) {
      if (settings.headers.includes(name)) compared[name] = [value].flat().map((line) => normalized(name, line));
    }
    const text = got.body.startsWith('<!DOCTYPE html>') && !settings.body ? '(a page)' : (settings.body?.(got.body) ?? got.body);
    exchanges.push({ request: { method, path, headers, body }, answer: { status: got.status, headers: compared, body: text } });
  }
  server.close();
  return exchanges;
}

/** The text of a configuration, on one line. */
const shown = (configure) => String(configure).replace(/^\(\w+\) => /, '').replace(/\s*\n\s*/g, ' ');

(async () => {
  const versions = { node: process.versions.node, express: require('express/package.json').version };
  const cases = [];
  for (const [name, settings] of Object.entries(packages)) {
    const folder = require.resolve.paths(name).find((path) => require('node:fs').existsSync(`${path}/${name}/package.json`));
    versions[name] = JSON.parse(require('node:fs').readFileSync(`${folder}/${name}/package.json`, 'utf8')).version;
    for (const [named, title, ...requests] of settings.cases) {
      // The headers that are compared, where they are not the package's own.
      const [configuration, headers] = [named].flat(1).length > 1 ? named : [named, settings.headers];
      const configure = settings.configurations[configuration];
      if (!configure) throw new Error(`${name}: no configuration ${configuration}`);
      const exchanges = await answers({ ...settings, headers }, configure, requests);
      cases.push({ package: name, case: title, configuration, express: shown(configure), headers, exchanges });
    }
  }
  const keys = cases.map((one) => `${one.package}: ${one.case}`);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice) throw new Error(`two cases are named ${twice}`);
  // A case on a line, so that differences between two versions can be read.
  const lines = cases.map((one) => JSON.stringify(one)).join(',\n');
  writeFileSync(process.argv[2], `{"versions":${JSON.stringify(versions)},\n"cases":[\n${lines}\n]}\n`);
  console.log(`${cases.length} cases of ${Object.keys(packages).length} packages`);
  for (const [name, version] of Object.entries(versions)) console.log(`  ${name} ${version}: ${cases.filter((one) => one.package === name).length}`);
})();
