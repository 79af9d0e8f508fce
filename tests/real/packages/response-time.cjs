const responseTime = require('response-time');

// Times are replaced; what is left is the number of digits.
exports.headers = ['x-response-time', 'x-took'];
exports.configurations = {
  defaults: (app) => app.use(responseTime()),
  digits: (app) => app.use(responseTime({ digits: 0 })),
  'digits-5': (app) => app.use(responseTime({ digits: 5 })),
  header: (app) => app.use(responseTime({ header: 'X-Took' })),
  suffix: (app) => app.use(responseTime({ suffix: false })),
  twice: (app) => app.use(responseTime(), responseTime()),
  function: (app) => app.use(responseTime((req, res, time) => res.setHeader('X-Took', time.toFixed(1)))),
};
exports.routes = (app) => {
  app.get('/', (req, res) => res.type('text').send('hello'));
  app.get('/set', (req, res) => res.set('x-response-time', 'mine').type('text').send('hello'));
  app.get('/nothing', (req, res) => res.status(204).end());
  app.get('/fails', () => { throw Object.assign(new Error('slow down'), { status: 429 }); });
  app.get('/stream', (req, res) => { res.type('text'); res.write('hel'); res.end('lo'); });
};
exports.cases = [
  ['defaults', 'defaults', ['GET', '/']],
  ['defaults', 'HEAD', ['HEAD', '/']],
  ['defaults', 'set by the route', ['GET', '/set']],
  ['defaults', 'a 204', ['GET', '/nothing']],
  ['defaults', 'an error', ['GET', '/fails']],
  ['defaults', 'no route', ['GET', '/nowhere']],
  ['defaults', 'a stream', ['GET', '/stream']],
  ['digits', 'no digits', ['GET', '/']],
  ['digits-5', 'five digits', ['GET', '/']],
  ['header', 'another header', ['GET', '/']],
  ['suffix', 'without a suffix', ['GET', '/']],
  ['twice', 'twice', ['GET', '/']],
  ['function', 'a function', ['GET', '/']],
];
