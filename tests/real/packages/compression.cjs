const compression = require('compression');

const long = 'lorem ipsum dolor sit amet '.repeat(100);

exports.headers = ['cache-control', 'content-encoding', 'content-range', 'etag', 'vary'];
exports.configurations = {
  defaults: (app) => app.use(compression()),
  threshold: (app) => app.use(compression({ threshold: 100 })),
  'threshold-0': (app) => app.use(compression({ threshold: 0 })),
  filter: (app) => app.use(compression({ filter: (req, res) => !req.headers['x-plain'] && compression.filter(req, res) })),
  'enforce-gzip': (app) => app.use(compression({ enforceEncoding: 'gzip' })),
};
exports.routes = (app) => {
  app.get('/', (req, res) => res.type('text').send(long));
  app.post('/', (req, res) => res.type('text').send(long));
  app.get('/short', (req, res) => res.type('text').send('short'));
  app.get('/hundred', (req, res) => res.type('text').send('x'.repeat(100)));
  app.get('/empty', (req, res) => res.type('text').send(''));
  app.get('/json', (req, res) => res.json({ text: long }));
  app.get('/html', (req, res) => res.type('html').send(`<p>${long}</p>`));
  app.get('/svg', (req, res) => res.type('svg').send(`<svg>${long}</svg>`));
  app.get('/png', (req, res) => res.type('png').end(long));
  app.get('/octets', (req, res) => res.type('application/octet-stream').end(long));
  app.get('/custom', (req, res) => res.type('application/vnd.example+json').send(`"${long}"`));
  app.get('/untyped', (req, res) => res.end(long));
  app.get('/no-transform', (req, res) => res.set('cache-control', 'public, no-transform').type('text').send(long));
  app.get('/public', (req, res) => res.set('cache-control', 'public').type('text').send(long));
  app.get('/encoded', (req, res) => res.set('content-encoding', 'x-own').type('text').end(long));
  app.get('/strong', (req, res) => res.set('etag', '"v1"').type('text').send(long));
  app.get('/varies', (req, res) => res.vary('Accept').type('text').send(long));
  app.get('/range', (req, res) => res.status(206).set('content-range', 'bytes 0-2699/5400').type('text').end(long));
  app.get('/stream', (req, res) => { res.type('text'); res.write(long); res.write(long); res.end('end'); });
  app.get('/events', (req, res) => { res.type('text/event-stream'); res.write(`data: ${long}\n\n`); res.end(); });
  app.get('/fails', () => { throw Object.assign(new Error('slow down'), { status: 429 }); });
  app.get('/nothing', (req, res) => res.status(204).end());
};
const accept = (text, more) => ({ 'accept-encoding': text, ...more });
const get = (path, text = 'gzip', more = {}) => ['GET', path, accept(text, more)];
exports.cases = [
  ['defaults', 'gzip', get('/')],
  ['defaults', 'br', get('/', 'br')],
  ['defaults', 'deflate', get('/', 'deflate')],
  ['defaults', 'gzip and br', get('/', 'gzip, br')],
  ['defaults', 'gzip, deflate, br', get('/', 'gzip, deflate, br')],
  ['defaults', 'gzip, deflate, br, zstd: as browsers send', get('/', 'gzip, deflate, br, zstd')],
  ['defaults', 'gzip preferred by its weight', get('/', 'br;q=0.5, gzip')],
  ['defaults', 'gzip refused by its weight', get('/', 'gzip;q=0, br')],
  ['defaults', 'everything', get('/', '*')],
  ['defaults', 'everything but gzip', get('/', '*, gzip;q=0')],
  ['defaults', 'identity', get('/', 'identity')],
  ['defaults', 'identity refused, nothing else known', get('/', 'identity;q=0, x-own')],
  ['defaults', 'an unknown coding', get('/', 'x-own')],
  ['defaults', 'upper case', get('/', 'GZIP')],
  ['defaults', 'empty', get('/', '')],
  ['defaults', 'no Accept-Encoding', ['GET', '/']],
  ['defaults', 'HEAD', ['HEAD', '/', accept('gzip')]],
  ['defaults', 'POST', ['POST', '/', accept('gzip')]],
  ['defaults', 'a body that is not compared: short', get('/short')],
  ['defaults', 'a body below the threshold', get('/hundred')],
  ['defaults', 'an empty body', get('/empty')],
  ['defaults', 'a 204', get('/nothing')],
  ['defaults', 'JSON', get('/json')],
  ['defaults', 'HTML', get('/html')],
  ['defaults', 'SVG', get('/svg')],
  ['defaults', 'PNG', get('/png')],
  ['defaults', 'octets', get('/octets')],
  ['defaults', 'a type of +json', get('/custom')],
  ['defaults', 'no Content-Type', get('/untyped')],
  ['defaults', 'no-transform', get('/no-transform')],
  ['defaults', 'another Cache-Control', get('/public')],
  ['defaults', 'encoded already', get('/encoded')],
  ['defaults', 'a strong ETag', get('/strong')],
  ['defaults', 'a route that varies too', get('/varies')],
  ['defaults', 'a part of it', get('/range')],
  ['defaults', 'a stream', get('/stream')],
  ['defaults', 'a stream: not accepted', ['GET', '/stream']],
  ['defaults', 'events', get('/events')],
  ['defaults', 'an error', get('/fails')],
  ['defaults', 'no route', get('/nowhere')],
  ['defaults', 'not modified', get('/'), ['GET', '/', accept('gzip', { 'if-none-match': '"v1"' })]],
  ['defaults', 'not modified: the strong ETag', ['GET', '/strong', accept('gzip', { 'if-none-match': '"v1"' })]],
  ['defaults', 'not modified: the weak ETag', ['GET', '/strong', accept('gzip', { 'if-none-match': 'W/"v1"' })]],
  ['threshold', 'a threshold: below', get('/short')],
  ['threshold', 'a threshold: as long', get('/hundred')],
  ['threshold-0', 'no threshold', get('/short')],
  ['threshold-0', 'no threshold: an empty body', get('/empty')],
  ['filter', 'a filter', get('/')],
  ['filter', 'a filter: not this one', get('/', 'gzip', { 'x-plain': '1' })],
  ['enforce-gzip', 'a coding for clients that say nothing', ['GET', '/']],
  ['enforce-gzip', 'a coding for clients that say nothing: one that says identity', get('/', 'identity')],
];
