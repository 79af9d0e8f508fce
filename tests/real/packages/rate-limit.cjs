const { rateLimit } = require('express-rate-limit');

const quiet = { validate: false };

exports.headers = [
  'ratelimit', 'ratelimit-policy', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after', 'x-ratelimit-limit',
  'x-ratelimit-remaining', 'x-ratelimit-reset',
];
exports.configurations = {
  defaults: (app) => app.use(rateLimit(quiet)),
  limit: (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 2 })),
  'draft-8': (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 2, standardHeaders: 'draft-8', legacyHeaders: false })),
  'draft-7': (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 2, standardHeaders: 'draft-7', legacyHeaders: false })),
  'draft-6': (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 2, standardHeaders: 'draft-6', legacyHeaders: false })),
  silent: (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 1, legacyHeaders: false })),
  identifier: (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 2, standardHeaders: 'draft-8', legacyHeaders: false, identifier: 'api' })),
  key: (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 1, legacyHeaders: false, keyGenerator: (req) => req.get('x-key') })),
  skip: (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 1, legacyHeaders: false, skip: (req) => req.get('x-key') === 'friend' })),
  'by-request': (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: (req) => (req.get('x-key') ? 2 : 1), legacyHeaders: false })),
  failed: (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 1, legacyHeaders: false, skipFailedRequests: true })),
  successful: (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 1, legacyHeaders: false, skipSuccessfulRequests: true })),
  message: (app) => app.use(rateLimit({ ...quiet, windowMs: 60000, limit: 1, legacyHeaders: false, message: 'slow down', statusCode: 503 })),
  proxy: (app) => app.set('trust proxy', 1).use(rateLimit({ ...quiet, windowMs: 60000, limit: 1, legacyHeaders: false })),
};
exports.routes = (app) => {
  app.get('/', (req, res) => res.type('text').send('hello'));
  app.get('/missing', (req, res) => res.status(404).type('text').send('missing'));
};
const get = ['GET', '/'];
const by = (key) => ['GET', '/', { 'x-key': key }];
const from = (address) => ['GET', '/', { 'x-forwarded-for': address }];
// Where it is about which requests are refused.
const none = [];
exports.cases = [
  ['defaults', 'defaults', get],
  [['limit', none], 'a limit', get, get, get],
  ['limit', 'headers by default', get, get, get],
  ['draft-8', 'headers of draft 8', get],
  ['draft-8', 'headers of draft 8: at the limit', get, get, get],
  ['draft-7', 'headers of draft 7', get, get, get],
  ['draft-6', 'headers of draft 6', get, get, get],
  ['silent', 'no headers', get, get],
  ['identifier', 'the name of the policy', get],
  [['key', none], 'a key', by('a'), by('b'), by('a')],
  [['skip', none], 'requests that are not limited', by('friend'), by('friend'), get, get],
  [['by-request', none], 'a limit by the request', get, get],
  [['failed', none], 'failed requests do not count', ['GET', '/missing'], get, get],
  [['successful', none], 'successful requests do not count', get, get, ['GET', '/missing'], get],
  [['message', none], 'a message and a status', get, get],
  [['proxy', none], 'addresses behind a proxy', from('203.0.113.1'), from('203.0.113.2'), from('203.0.113.1')],
  [['proxy', none], 'IPv6 behind a proxy: one customer', from('2001:db8:1:100::1'), from('2001:db8:1:1ff::1'), from('2001:db8:1:200::1')],
  [['silent', none], 'a preflight', ['OPTIONS', '/', { origin: 'https://app.example.com', 'access-control-request-method': 'GET' }], get],
];
