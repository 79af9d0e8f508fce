const cookieParser = require('cookie-parser');
const csurf = require('csurf');
const { urlencoded } = require('express');
const session = require('express-session');

const form = { 'content-type': 'application/x-www-form-urlencoded' };

exports.headers = ['set-cookie'];
// A token is random, and only its use is compared.
exports.body = (text) => (/^[\w-]{36}$/.test(text) ? '(a token)' : undefined);
const sessions = () => session({ secret: 's', resave: false, saveUninitialized: false });
exports.configurations = {
  cookie: (app) => app.use(urlencoded({ extended: false }), cookieParser(), csurf({ cookie: true })),
  'cookie-options': (app) => app.use(urlencoded({ extended: false }), cookieParser(), csurf({ cookie: { key: 'guard', path: '/', httpOnly: true, secure: true, sameSite: 'strict', maxAge: 60 } })),
  session: (app) => app.use(urlencoded({ extended: false }), sessions(), csurf()),
  methods: (app) => app.use(urlencoded({ extended: false }), cookieParser(), csurf({ cookie: true, ignoreMethods: ['GET', 'POST'] })),
  value: (app) => app.use(urlencoded({ extended: false }), cookieParser(), csurf({ cookie: true, value: (req) => req.headers['x-mine'] })),
  missing: (app) => app.use(csurf({ cookie: true })),
};
exports.routes = (app) => {
  app.get('/form', (req, res) => res.type('text').send(req.csrfToken()));
  app.get('/', (req, res) => res.type('text').send('hello'));
  app.all('/act', (req, res) => res.type('text').send('done'));
};
exports.cases = [
  ['cookie', 'GET', ['GET', '/']],
  ['cookie', 'HEAD', ['HEAD', '/']],
  ['cookie', 'OPTIONS', ['OPTIONS', '/act']],
  ['cookie', 'the form has a token', ['GET', '/form']],
  ['cookie', 'POST without a token', ['POST', '/act']],
  ['cookie', 'PUT without a token', ['PUT', '/act']],
  ['cookie', 'DELETE without a token', ['DELETE', '/act']],
  ['cookie', 'POST of a page of another site', ['POST', '/act', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }]],
  ['cookie', 'the token as a field', ['GET', '/form'], ['POST', '/act', form, '_csrf={0}']],
  ['cookie', 'the token in the query', ['GET', '/form'], ['POST', '/act?_csrf={0}']],
  ['cookie', 'the token in CSRF-Token', ['GET', '/form'], ['POST', '/act', { 'csrf-token': '{0}' }]],
  ['cookie', 'the token in XSRF-Token', ['GET', '/form'], ['POST', '/act', { 'xsrf-token': '{0}' }]],
  ['cookie', 'the token in X-CSRF-Token', ['GET', '/form'], ['POST', '/act', { 'x-csrf-token': '{0}' }]],
  ['cookie', 'the token in X-XSRF-Token', ['GET', '/form'], ['POST', '/act', { 'x-xsrf-token': '{0}' }]],
  ['cookie', 'the token twice', ['GET', '/form'], ['POST', '/act', { 'x-csrf-token': '{0}' }], ['POST', '/act', { 'x-csrf-token': '{0}' }]],
  ['cookie', 'an older token', ['GET', '/form'], ['GET', '/form'], ['POST', '/act', { 'x-csrf-token': '{0}' }]],
  ['cookie', 'a wrong token', ['GET', '/form'], ['POST', '/act', { 'x-csrf-token': 'nonsense' }]],
  ['cookie-options', 'options of the cookie', ['GET', '/form']],
  ['session', 'in the session', ['GET', '/form'], ['POST', '/act', { 'x-csrf-token': '{0}' }]],
  ['session', 'in the session: without a token', ['POST', '/act']],
  ['methods', 'methods that are not checked', ['POST', '/act'], ['GET', '/act'], ['PUT', '/act']],
  ['value', 'a function for the token', ['GET', '/form'], ['POST', '/act', { 'x-mine': '{0}' }], ['POST', '/act', { 'csrf-token': '{0}' }]],
  ['missing', 'without a cookie parser', ['GET', '/']],
];
