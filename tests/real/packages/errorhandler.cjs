const errorhandler = require('errorhandler');

exports.headers = ['content-type', 'x-content-type-options', 'retry-after', 'content-security-policy'];
// What the page says is its own; that it has the message, or has not, is compared.
const says = (text) => ['the disk is full', 'slow <down>', 'a <b>'].filter((message) => text.includes(message) || text.includes(message.replace(/</g, '&lt;').replace(/>/g, '&gt;'))).join('; ');
exports.body = (text) => (text.startsWith('{') || text.includes('<html') ? `(${text.startsWith('{') ? 'JSON' : 'a page'}: ${says(text)})` : `(text: ${says(text)})`);
// It stands below the routes.
exports.last = true;
exports.configurations = {
  defaults: (app) => app.use(errorhandler({ log: false })),
};
exports.routes = (app) => {
  app.get('/', () => { throw new Error('the disk is full'); });
  app.get('/status', () => { throw Object.assign(new Error('slow <down>'), { status: 429 }); });
  app.get('/success', () => { throw Object.assign(new Error('the disk is full'), { status: 200 }); });
  app.get('/code', (req, res, next) => { res.statusCode = 503; next(new Error('the disk is full')); });
  app.get('/header', (req, res, next) => { res.set('retry-after', '5'); next(Object.assign(new Error('slow <down>'), { status: 503 })); });
  app.get('/text', (req, res, next) => next('a <b>'));
  app.get('/fine', (req, res) => res.type('text').send('(text: )'));
};
const as = (type) => ({ accept: type });
exports.cases = [
  ['defaults', 'HTML', ['GET', '/', as('text/html')]],
  ['defaults', 'HTML: as browsers ask', ['GET', '/', as('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')]],
  ['defaults', 'JSON', ['GET', '/', as('application/json')]],
  ['defaults', 'text', ['GET', '/', as('text/plain')]],
  ['defaults', 'anything', ['GET', '/', as('*/*')]],
  ['defaults', 'nothing said', ['GET', '/']],
  ['defaults', 'another type', ['GET', '/', as('image/png')]],
  ['defaults', 'HEAD', ['HEAD', '/', as('text/html')]],
  ['defaults', 'a status', ['GET', '/status', as('text/html')]],
  ['defaults', 'a status: JSON', ['GET', '/status', as('application/json')]],
  ['defaults', 'a status that is no error', ['GET', '/success', as('text/plain')]],
  ['defaults', 'the status of the response', ['GET', '/code', as('text/plain')]],
  ['defaults', 'a header of the response', ['GET', '/header', as('text/plain')]],
  ['defaults', 'a text in place of an error', ['GET', '/text', as('text/html')]],
  ['defaults', 'no error', ['GET', '/fine']],
];
