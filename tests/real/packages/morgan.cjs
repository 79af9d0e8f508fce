const morgan = require('morgan');

const lines = [];
const stream = { write: (line) => lines.push(line) };
/** Logs with a format; the lines are what GET /log answers. */
const log = (app, format, options = {}) => { lines.length = 0; app.use(morgan(format, { stream, ...options })); };

exports.headers = [];
/** Times, dates, process ids and ports are replaced. */
exports.body = (text) => text
  .replace(/\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000/g, '(clf)')
  .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '(iso)')
  .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g, '(web)')
  .replace(/\b\d+(\.\d+)( ?ms|$)/gm, (_, digits, unit) => `(${digits.length - 1} digits)${unit}`)
  .replace(/pid=\d+/g, 'pid=(number)')
  .replace(/^<!DOCTYPE html>[^]*/, '(a page)')
  .replace(/::ffff:127\.0\.0\.1/g, '127.0.0.1');
exports.configurations = {
  combined: (app) => log(app, 'combined'),
  common: (app) => log(app, 'common'),
  dev: (app) => log(app, 'dev'),
  short: (app) => log(app, 'short'),
  tiny: (app) => log(app, 'tiny'),
  dates: (app) => log(app, ':date[clf] :date[iso] :date[web] :date'),
  basics: (app) => log(app, ':http-version :method :url :status :referrer :remote-addr :remote-user :user-agent'),
  headers: (app) => log(app, ':req[x-one] :res[content-type] :res[content-length] :req[x-none] :res[x-none]'),
  times: (app) => log(app, ':response-time ms :response-time[0]ms :response-time[1] ms :total-time[2] ms'),
  pid: (app) => log(app, 'pid=:pid'),
  text: (app) => log(app, 'a text: [:method] "x" : \\ end'),
  skip: (app) => log(app, 'tiny', { skip: (req, res) => res.statusCode < 400 }),
  immediate: (app) => log(app, ':method :url :status', { immediate: true }),
  token: (app) => { morgan.token('id', (req) => req.headers['x-id']); log(app, ':id :method'); },
  'token-argument': (app) => { morgan.token('query', (req, res, name) => req.query[name]); log(app, ':query[a] :query[b]'); },
};
exports.routes = (app) => {
  app.get('/log', (req, res) => res.type('text').send(lines.join('')));
  app.get('/', (req, res) => res.type('text').send('hello'));
  app.post('/', (req, res) => res.status(201).type('text').send('posted'));
  app.get('/moved', (req, res) => res.redirect('/'));
  app.get('/nothing', (req, res) => res.status(204).end());
  app.get('/stream', (req, res) => { res.type('text'); res.write('hel'); res.end('lo'); });
  app.get('/fails', () => { throw Object.assign(new Error('slow down'), { status: 429 }); });
  app.get('/broken', () => { throw new Error('broken'); });
};
const read = ['GET', '/log', { 'user-agent': 'reader' }];
const agent = { 'user-agent': 'curl/8' };
const basic = (text) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}`, ...agent });
exports.cases = [
  ['combined', 'combined', ['GET', '/?a=1', { referer: 'https://example.com/', ...agent }], read],
  ['combined', 'combined: nothing sent', ['GET', '/'], read],
  ['combined', 'combined: a user', ['GET', '/', basic('ann:secret')], read],
  ['combined', 'combined: a user without a name', ['GET', '/', basic(':secret')], read],
  ['combined', 'combined: no credentials', ['GET', '/', { authorization: 'Basic !!', ...agent }], read],
  ['combined', 'combined: a quote in a header', ['GET', '/', { 'user-agent': 'a "quoted" \\ one' }], read],
  ['common', 'common', ['POST', '/', agent, 'body'], read],
  ['common', 'common: HEAD', ['HEAD', '/', agent], read],
  ['common', 'common: a 204', ['GET', '/nothing', agent], read],
  ['common', 'common: a stream', ['GET', '/stream', agent], read],
  ['common', 'common: an error', ['GET', '/fails', agent], read],
  ['common', 'common: no route', ['GET', '/nowhere', agent], read],
  ['common', 'common: a redirect', ['GET', '/moved', agent], read],
  ['dev', 'dev: a success', ['GET', '/', agent], read],
  ['dev', 'dev: a redirect', ['GET', '/moved', agent], read],
  ['dev', 'dev: an error of the client', ['GET', '/fails', agent], read],
  ['dev', 'dev: an error of the server', ['GET', '/broken', agent], read],
  ['short', 'short', ['GET', '/', agent], read],
  ['tiny', 'tiny', ['GET', '/', agent], read],
  ['tiny', 'tiny: two requests', ['GET', '/', agent], ['POST', '/', agent, 'x'], read],
  ['dates', 'dates', ['GET', '/', agent], read],
  ['basics', 'tokens', ['GET', '/%41?b=%20', { referrer: 'https://example.com/r', ...agent }], read],
  ['headers', 'tokens: headers', ['GET', '/', { 'x-one': '1', ...agent }], read],
  ['times', 'tokens: times', ['GET', '/', agent], read],
  ['pid', 'tokens: pid', ['GET', '/', agent], read],
  ['text', 'tokens: text between them', ['GET', '/', agent], read],
  ['skip', 'skip', ['GET', '/', agent], ['GET', '/fails', agent], read],
  ['immediate', 'immediate', ['GET', '/', agent], read],
  ['token', 'a token of its own', ['GET', '/', { 'x-id': '7', ...agent }], read],
  ['token', 'a token of its own: without a value', ['GET', '/', agent], read],
  ['token-argument', 'a token with an argument', ['GET', '/?a=1', agent], read],
];
