const basicAuth = require('express-basic-auth');

exports.headers = ['www-authenticate'];
const users = { admin: 'supersecret', 'jürgen': 'größe', colon: 'a:b' };
exports.configurations = {
  plain: (app) => app.use(basicAuth({ users })),
  challenge: (app) => app.use(basicAuth({ users, challenge: true })),
  realm: (app) => app.use(basicAuth({ users, challenge: true, realm: 'Imb4T3st4pp' })),
  authorizer: (app) => app.use(basicAuth({ challenge: true, realm: 'Users', authorizer: (name, password) => name.startsWith('a') & password.startsWith('s') })),
  async: (app) => app.use(basicAuth({ challenge: true, realm: 'Users', authorizeAsync: true, authorizer: (name, password, done) => setImmediate(done, null, name === 'admin' && password === 'supersecret') })),
  response: (app) => app.use(basicAuth({ users, challenge: true, realm: 'Users', unauthorizedResponse: 'go away' })),
};
exports.routes = (app) => app.get('/', (req, res) => res.type('text').send(`hello ${req.auth.user}`));
const basic = (text) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const get = (headers) => ['GET', '/', headers];
exports.cases = [
  ['plain', 'no credentials', get()],
  ['challenge', 'no credentials, with a challenge', get()],
  ['realm', 'no credentials, with a realm', get()],
  ['realm', 'the right password', get(basic('admin:supersecret'))],
  ['realm', 'a wrong password', get(basic('admin:wrong'))],
  ['realm', 'another name', get(basic('root:supersecret'))],
  ['realm', 'characters beyond ASCII', get(basic('jürgen:größe'))],
  ['realm', 'a colon in the password', get(basic('colon:a:b'))],
  ['realm', 'no colon', get(basic('admin'))],
  ['realm', 'an empty password', get(basic('admin:'))],
  ['realm', 'another scheme', get({ authorization: 'Bearer abc' })],
  ['realm', 'the scheme in lower case', get({ authorization: `basic ${Buffer.from('admin:supersecret').toString('base64')}` })],
  ['realm', 'what is not base64', get({ authorization: 'Basic %%%' })],
  ['authorizer', 'a function', get(basic('anna:soup'))],
  ['authorizer', 'a function: refused', get(basic('otto:soup'))],
  ['async', 'an async function', get(basic('admin:supersecret'))],
  ['async', 'an async function: refused', get(basic('admin:wrong'))],
  ['response', 'a text of its own', get()],
];
