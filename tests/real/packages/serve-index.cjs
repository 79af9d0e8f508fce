const { mkdtempSync, mkdirSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const serveIndex = require('serve-index');

// As in connect-middleware/tests/packages/serve_index.rs.
const folder = mkdtempSync(join(tmpdir(), 'index-'));
for (const name of ['sub', 'empty']) mkdirSync(join(folder, name));
for (const name of ['one.txt', 'two words.txt', 'a&b.html', '.hidden', '100%.md', 'grün.txt', 'file10.txt', 'file2.txt', 'sub/deep.txt', 'empty/.keep']) {
  writeFileSync(join(folder, name), name);
}

exports.headers = ['allow', 'content-type', 'vary', 'x-content-type-options'];
exports.body = (text) => (text.includes('<html') ? '(a page)' : text);
exports.configurations = {
  defaults: (app) => app.use(serveIndex(folder)),
  mounted: (app) => app.use('/files', serveIndex(folder)),
  hidden: (app) => app.use(serveIndex(folder, { hidden: true })),
  filter: (app) => app.use(serveIndex(folder, { filter: (name) => name.endsWith('.txt') })),
};
exports.routes = (app) => app.use((req, res) => res.type('text').send('the next layer'));
const as = (type) => ({ accept: type });
exports.cases = [
  ['defaults', 'HTML', ['GET', '/', as('text/html')]],
  ['defaults', 'JSON', ['GET', '/', as('application/json')]],
  ['defaults', 'text', ['GET', '/', as('text/plain')]],
  ['defaults', 'anything', ['GET', '/', as('*/*')]],
  ['defaults', 'nothing said', ['GET', '/']],
  ['defaults', 'another type', ['GET', '/', as('image/png')]],
  ['defaults', 'HEAD', ['HEAD', '/', as('application/json')]],
  ['defaults', 'POST', ['POST', '/', as('application/json')]],
  ['defaults', 'OPTIONS', ['OPTIONS', '/', as('application/json')]],
  ['defaults', 'DELETE', ['DELETE', '/', as('application/json')]],
  ['defaults', 'a folder in it', ['GET', '/sub/', as('application/json')]],
  ['defaults', 'a folder in it: text', ['GET', '/sub/', as('text/plain')]],
  ['defaults', 'a folder in it: without a slash', ['GET', '/sub', as('application/json')]],
  ['defaults', 'an empty folder', ['GET', '/empty/', as('application/json')]],
  ['defaults', 'a file', ['GET', '/one.txt', as('application/json')]],
  ['defaults', 'a folder that is not there', ['GET', '/nowhere/', as('application/json')]],
  ['defaults', 'outside of it', ['GET', '/%2e%2e/', as('application/json')]],
  ['defaults', 'outside of it: a slash in a name', ['GET', '/..%2f/', as('application/json')]],
  ['defaults', 'a null', ['GET', '/%00/', as('application/json')]],
  ['defaults', 'not percent-encoded rightly', ['GET', '/%zz/', as('application/json')]],
  ['defaults', 'a query', ['GET', '/?x=1', as('application/json')]],
  ['mounted', 'a mount', ['GET', '/files/', as('application/json')]],
  ['mounted', 'a mount: without a slash', ['GET', '/files', as('application/json')]],
  ['mounted', 'a mount: another path', ['GET', '/', as('application/json')]],
  ['hidden', 'hidden files', ['GET', '/', as('application/json')]],
  ['filter', 'a filter', ['GET', '/', as('application/json')]],
  ['filter', 'a filter: text', ['GET', '/', as('text/plain')]],
];
