const { mkdtempSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const serveFavicon = require('serve-favicon');

const icon = join(mkdtempSync(join(tmpdir(), 'icon-')), 'favicon.ico');
writeFileSync(icon, Buffer.from([0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 24, 0, 48, 0, 0, 0, 22, 0, 0, 0]));

exports.headers = ['allow', 'cache-control', 'content-length', 'content-type', 'etag'];
exports.body = (text) => (text.startsWith('\u0000') ? '(the icon)' : text);
exports.configurations = {
  defaults: (app) => app.use(serveFavicon(icon)),
  bytes: (app) => app.use(serveFavicon(Buffer.from('\u0000icon'))),
  'max-age': (app) => app.use(serveFavicon(icon, { maxAge: 60_000 })),
  'max-age-0': (app) => app.use(serveFavicon(icon, { maxAge: 0 })),
};
exports.routes = (app) => app.use((req, res) => res.type('text').send('the next layer'));
exports.cases = [
  ['defaults', 'the icon', ['GET', '/favicon.ico']],
  ['defaults', 'HEAD', ['HEAD', '/favicon.ico']],
  ['defaults', 'a query', ['GET', '/favicon.ico?v=1']],
  ['defaults', 'OPTIONS', ['OPTIONS', '/favicon.ico']],
  ['defaults', 'POST', ['POST', '/favicon.ico']],
  ['defaults', 'DELETE', ['DELETE', '/favicon.ico']],
  ['defaults', 'another path', ['GET', '/icon.ico']],
  ['defaults', 'another path: POST', ['POST', '/']],
  ['defaults', 'a folder of the name', ['GET', '/favicon.ico/']],
  ['defaults', 'upper case', ['GET', '/FAVICON.ICO']],
  ['defaults', 'not modified', ['GET', '/favicon.ico', { 'if-none-match': '*' }]],
  ['defaults', 'not modified: another ETag', ['GET', '/favicon.ico', { 'if-none-match': '"other"' }]],
  ['defaults', 'a part', ['GET', '/favicon.ico', { range: 'bytes=0-1' }]],
  ['bytes', 'bytes', ['GET', '/favicon.ico']],
  ['max-age', 'a lifetime', ['GET', '/favicon.ico']],
  ['max-age-0', 'no lifetime', ['GET', '/favicon.ico']],
];
