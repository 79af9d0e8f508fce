const session = require('express-session');

const base = { secret: 's', resave: false, saveUninitialized: false };

exports.headers = ['set-cookie'];
exports.configurations = {
  plain: (app) => app.use(session({ ...base, name: 'id', cookie: { sameSite: 'lax' } })),
  cookie: (app) => app.use(session({ ...base })),
  defaults: (app) => app.use(session({ secret: 's' })),
  name: (app) => app.use(session({ ...base, name: 'sid', cookie: { sameSite: 'lax' } })),
  'max-age': (app) => app.use(session({ ...base, name: 'id', cookie: { sameSite: 'lax', maxAge: 60000 } })),
  secure: (app) => app.use(session({ ...base, cookie: { sameSite: 'lax', secure: true } })),
  'secure-proxy': (app) => app.set('trust proxy', 1).use(session({ ...base, cookie: { sameSite: 'lax', secure: true } })),
  auto: (app) => app.set('trust proxy', 1).use(session({ ...base, cookie: { sameSite: 'lax', secure: 'auto' } })),
  proxy: (app) => app.use(session({ ...base, proxy: true, cookie: { sameSite: 'lax', secure: true } })),
  strict: (app) => app.use(session({ ...base, cookie: { sameSite: 'strict' } })),
  lax: (app) => app.use(session({ ...base, cookie: { sameSite: 'lax' } })),
  none: (app) => app.set('trust proxy', 1).use(session({ ...base, cookie: { sameSite: 'none', secure: true } })),
  path: (app) => app.use(session({ ...base, cookie: { sameSite: 'lax', path: '/admin' } })),
  domain: (app) => app.use(session({ ...base, cookie: { domain: 'example.com' } })),
  script: (app) => app.use(session({ ...base, cookie: { httpOnly: false } })),
  partitioned: (app) => app.use(session({ ...base, cookie: { partitioned: true } })),
  priority: (app) => app.use(session({ ...base, cookie: { priority: 'high' } })),
  rolling: (app) => app.use(session({ ...base, rolling: true, cookie: { sameSite: 'lax', maxAge: 60000 } })),
  rotated: (app) => app.use(session({ ...base, secret: ['new', 's'], cookie: { sameSite: 'lax' } })),
  unset: (app) => app.use(session({ ...base, name: 'id', unset: 'destroy', cookie: { sameSite: 'lax' } })),
};
exports.routes = (app) => {
  app.get('/', (req, res) => res.type('text').send('hello'));
  app.get(['/count', '/admin/count'], (req, res) => {
    req.session.count = (req.session.count ?? 0) + 1;
    res.type('text').send(String(req.session.count));
  });
  app.get('/read', (req, res) => res.type('text').send(String(req.session.count ?? 0)));
  app.get('/redirect', (req, res) => { req.session.count = 7; res.redirect('/read'); });
  app.get('/login', (req, res, next) => req.session.regenerate((err) => { if (err) return next(err); req.session.user = 'tobi'; res.type('text').send('welcome'); }));
  app.get('/who', (req, res) => res.type('text').send(req.session.user ?? 'nobody'));
  app.get('/logout', (req, res, next) => req.session.destroy((err) => (err ? next(err) : res.type('text').send('goodbye'))));
  app.get('/unset', (req, res) => { req.session = null; res.type('text').send('unset'); });
  app.get('/fails', (req) => { req.session.count = 5; throw new Error('broken'); });
};
exports.cases = [
  ['plain', 'a session that is not used', ['GET', '/']],
  ['plain', 'a session that is read alone', ['GET', '/read']],
  ['plain', 'a session begins', ['GET', '/count']],
  ['plain', 'a session goes on', ['GET', '/count'], ['GET', '/count'], ['GET', '/read']],
  ['plain', 'a session that is not changed', ['GET', '/count'], ['GET', '/']],
  ['plain', 'a change before a redirect', ['GET', '/redirect'], ['GET', '/read']],
  ['plain', 'a change before an error', ['GET', '/fails'], ['GET', '/read']],
  ['plain', 'login', ['GET', '/login'], ['GET', '/who']],
  ['plain', 'login with a session', ['GET', '/count'], ['GET', '/login'], ['GET', '/who'], ['GET', '/read']],
  ['plain', 'logout', ['GET', '/login'], ['GET', '/logout'], ['GET', '/who']],
  ['plain', 'a cookie that is made up', ['GET', '/read', { cookie: 'id=s%3Anonsense.nonsense' }]],
  ['plain', 'a cookie that is made up: a session begins', ['GET', '/count', { cookie: 'id=s%3Anonsense.nonsense' }]],
  ['defaults', 'defaults: a session that is not used', ['GET', '/']],
  ['cookie', 'the cookie by default', ['GET', '/count']],
  ['name', 'the name', ['GET', '/count'], ['GET', '/read']],
  ['max-age', 'a lifetime', ['GET', '/count']],
  ['max-age', 'a lifetime: the second request', ['GET', '/count'], ['GET', '/read']],
  ['secure', 'Secure without TLS', ['GET', '/count']],
  ['secure', 'Secure behind a proxy that is not trusted', ['GET', '/count', { 'x-forwarded-proto': 'https' }]],
  ['secure-proxy', 'Secure behind a proxy', ['GET', '/count', { 'x-forwarded-proto': 'https' }]],
  ['auto', 'Secure by the request: https', ['GET', '/count', { 'x-forwarded-proto': 'https' }]],
  ['auto', 'Secure by the request: http', ['GET', '/count', { 'x-forwarded-proto': 'http' }]],
  ['proxy', 'a trusted proxy as an option', ['GET', '/count', { 'x-forwarded-proto': 'https' }]],
  ['strict', 'SameSite=Strict', ['GET', '/count']],
  ['lax', 'SameSite=Lax', ['GET', '/count']],
  ['none', 'SameSite=None', ['GET', '/count', { 'x-forwarded-proto': 'https' }]],
  ['path', 'a path', ['GET', '/admin/count']],
  ['domain', 'a domain', ['GET', '/count']],
  ['script', 'for scripts', ['GET', '/count']],
  ['partitioned', 'Partitioned', ['GET', '/count']],
  ['priority', 'Priority', ['GET', '/count']],
  ['rolling', 'a cookie with each response', ['GET', '/count'], ['GET', '/']],
  ['rotated', 'two secrets', ['GET', '/count'], ['GET', '/read']],
  ['unset', 'a session that is unset', ['GET', '/count'], ['GET', '/unset'], ['GET', '/read']],
];
