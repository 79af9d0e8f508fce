const cookieSession = require('cookie-session');

exports.headers = ['set-cookie'];
exports.configurations = {
  plain: (app) => app.use(cookieSession({ keys: ['k'] })),
  secret: (app) => app.use(cookieSession({ secret: 'k' })),
  unsigned: (app) => app.use(cookieSession({ signed: false })),
  name: (app) => app.use(cookieSession({ keys: ['k'], name: 'data' })),
  'max-age': (app) => app.use(cookieSession({ keys: ['k'], maxAge: 60000 })),
  strict: (app) => app.use(cookieSession({ keys: ['k'], sameSite: 'strict' })),
  lax: (app) => app.use(cookieSession({ keys: ['k'], sameSite: 'lax' })),
  path: (app) => app.use(cookieSession({ keys: ['k'], path: '/admin' })),
  domain: (app) => app.use(cookieSession({ keys: ['k'], domain: 'example.com' })),
  script: (app) => app.use(cookieSession({ keys: ['k'], httpOnly: false })),
  secure: (app) => app.use(cookieSession({ keys: ['k'], secure: true })),
  proxy: (app) => app.set('trust proxy', 1).use((req, res, next) => { req.protocol; next(); }, cookieSession({ keys: ['k'], secure: true })),
  priority: (app) => app.use(cookieSession({ keys: ['k'], priority: 'high' })),
  partitioned: (app) => app.set('trust proxy', 1).use(cookieSession({ keys: ['k'], secure: true, partitioned: true })),
  rotated: (app) => app.use(cookieSession({ keys: ['new', 'k'] })),
};
exports.routes = (app) => {
  app.get('/', (req, res) => res.type('text').send('hello'));
  app.get(['/count', '/admin/count'], (req, res) => {
    req.session.count = (req.session.count ?? 0) + 1;
    res.type('text').send(String(req.session.count));
  });
  app.get('/read', (req, res) => res.type('text').send(String(req.session.count ?? 0)));
  app.get('/new', (req, res) => res.type('text').send(String(req.session.isNew)));
  app.get('/unset', (req, res) => { req.session = null; res.type('text').send('unset'); });
  app.get('/large', (req, res) => { req.session.text = 'x'.repeat(5000); res.type('text').send('large'); });
  app.get('/fails', (req) => { req.session.count = 5; throw new Error('broken'); });
};
const count = ['GET', '/count'];
const read = ['GET', '/read'];
exports.cases = [
  ['plain', 'a session that is not used', ['GET', '/']],
  ['plain', 'a session that is read alone', read],
  ['plain', 'a session begins', count],
  ['plain', 'a session goes on', count, count, read],
  ['plain', 'a session that is not changed', count, ['GET', '/']],
  ['plain', 'a session that is read and not changed', count, read],
  ['plain', 'a session ends', count, ['GET', '/unset'], read],
  ['plain', 'whether it is new', ['GET', '/new'], count, ['GET', '/new']],
  ['plain', 'a change before an error', ['GET', '/fails'], read],
  ['plain', 'a session that is larger than a cookie', ['GET', '/large']],
  ['plain', 'a cookie that is made up', ['GET', '/read', { cookie: 'session=eyJjb3VudCI6OX0=; session.sig=nonsense' }]],
  ['plain', 'a cookie without a signature', ['GET', '/read', { cookie: 'session=eyJjb3VudCI6OX0=' }]],
  ['secret', 'one secret', count],
  ['unsigned', 'not signed', count, read],
  ['name', 'the name', count],
  ['max-age', 'a lifetime', count],
  ['strict', 'SameSite=Strict', count],
  ['lax', 'SameSite=Lax', count],
  ['path', 'a path', ['GET', '/admin/count']],
  ['domain', 'a domain', count],
  ['script', 'for scripts', count],
  ['secure', 'Secure without TLS', count],
  ['proxy', 'Secure behind a proxy', ['GET', '/count', { 'x-forwarded-proto': 'https' }]],
  ['priority', 'Priority', count],
  ['partitioned', 'Partitioned', ['GET', '/count', { 'x-forwarded-proto': 'https' }]],
  ['rotated', 'two keys', count, read],
];
