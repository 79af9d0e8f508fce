const timeout = require('connect-timeout');

exports.headers = ['content-type'];
exports.configurations = {
  defaults: (app) => app.use(timeout('300ms')),
  number: (app) => app.use(timeout(300)),
  clear: (app) => app.use(timeout('300ms'), (req, res, next) => { if (req.path === '/slow') req.clearTimeout(); next(); }),
};
const soon = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
exports.routes = (app) => {
  app.get('/', (req, res) => res.type('text').send('hello'));
  app.get('/slow', async (req, res) => { await soon(1200); if (!req.timedout) res.type('text').send('slow'); });
  app.post('/slow', async (req, res) => { await soon(1200); if (!req.timedout) res.type('text').send('slow'); });
  app.get('/stream', async (req, res) => { res.type('text'); res.write('be'); await soon(900); res.end('gun'); });
  app.get('/fails', () => { throw Object.assign(new Error('slow down'), { status: 429 }); });
};
exports.cases = [
  ['defaults', 'in time', ['GET', '/']],
  ['defaults', 'too late', ['GET', '/slow']],
  ['defaults', 'too late: POST', ['POST', '/slow', {}, 'x']],
  ['defaults', 'a stream that has begun', ['GET', '/stream']],
  ['defaults', 'an error in time', ['GET', '/fails']],
  ['defaults', 'no route', ['GET', '/nowhere']],
  ['defaults', 'too late, and then in time', ['GET', '/slow'], ['GET', '/']],
  ['number', 'in milliseconds: too late', ['GET', '/slow']],
  ['clear', 'a route without the limit', ['GET', '/slow']],
];
