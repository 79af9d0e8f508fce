const vhost = require('vhost');

const page = (req, res) => res.type('text').send([req.vhost.hostname, ...Array.from({ length: req.vhost.length }, (_, i) => req.vhost[i])].join(' '));

exports.headers = [];
exports.configurations = {
  exact: (app) => app.use(vhost('mail.example.com', page)),
  star: (app) => app.use(vhost('*.example.com', page)),
  two: (app) => app.use(vhost('*.*.example.com', page)),
  part: (app) => app.use(vhost('assets-*.example.com', page)),
  pattern: (app) => app.use(vhost(/^user-(\d+)\.example\.com$/, page)),
  proxy: (app) => app.set('trust proxy', 1).use(vhost('mail.example.com', page)),
};
exports.routes = (app) => app.use((req, res) => res.type('text').send('main'));
const to = (host, more) => ['GET', '/', { host, ...more }];
exports.cases = [
  ['exact', 'a name', to('mail.example.com')],
  ['exact', 'a name: with a port', to('mail.example.com:3000')],
  ['exact', 'a name: in upper case', to('MAIL.EXAMPLE.COM')],
  ['exact', 'a name: another', to('example.com')],
  ['exact', 'a name: one that ends like it', to('webmail.example.com')],
  ['exact', 'a name: one that continues', to('mail.example.com.evil.example')],
  ['exact', 'a name: with a dot at the end', to('mail.example.com.')],
  ['exact', 'a name: a character in place of a dot', to('mailxexample.com')],
  ['star', 'a star', to('tobi.example.com')],
  ['star', 'a star: upper case', to('Tobi.example.com')],
  ['star', 'a star: two labels', to('a.b.example.com')],
  ['star', 'a star: nothing', to('.example.com')],
  ['star', 'a star: the name alone', to('example.com')],
  ['two', 'two stars', to('foo.bar.example.com:8080')],
  ['two', 'two stars: three labels', to('a.b.c.example.com')],
  ['two', 'two stars: one label', to('a.example.com')],
  ['part', 'a star in a label', to('assets-3.example.com')],
  ['part', 'a star in a label: nothing', to('assets-.example.com')],
  ['part', 'a star in a label: two labels', to('assets-a.b.example.com')],
  ['pattern', 'a regular expression', to('user-17.example.com')],
  ['proxy', 'X-Forwarded-Host behind a trusted proxy', to('10.0.0.1', { 'x-forwarded-host': 'mail.example.com' })],
];
