const express = require('express');
const methodOverride = require('method-override');

exports.headers = ['vary'];
exports.configurations = {
  defaults: (app) => app.use(methodOverride()),
  header: (app) => app.use(methodOverride('X-Method')),
  query: (app) => app.use(methodOverride('_method')),
  methods: (app) => app.use(methodOverride('X-HTTP-Method-Override', { methods: ['POST', 'GET'] })),
  'any-method': (app) => app.use(methodOverride('_method', { methods: null })),
  form: (app) => app.use(express.urlencoded({ extended: true }), methodOverride((req) => req.body?._method)),
  both: (app) => app.use(methodOverride(), methodOverride('_method')),
};
exports.routes = (app) => {
  app.use(express.urlencoded({ extended: true }));
  app.use((req, res) => res.type('text').send(`${req.originalMethod ?? req.method} ${req.method} ${req.body?.name ?? ''}`));
};
const header = (value, name = 'x-http-method-override') => ({ [name]: value });
const form = { 'content-type': 'application/x-www-form-urlencoded' };
exports.cases = [
  ['defaults', 'a header', ['POST', '/', header('DELETE')]],
  ['defaults', 'a header: lower case', ['POST', '/', header('put')]],
  ['defaults', 'a header: PATCH', ['POST', '/', header('PATCH')]],
  ['defaults', 'a header: an unknown method', ['POST', '/', header('BOGUS')]],
  ['defaults', 'a header: empty', ['POST', '/', header('')]],
  ['defaults', 'a header: two', ['POST', '/', header('PUT, DELETE')]],
  ['defaults', 'a header: CONNECT', ['POST', '/', header('CONNECT')]],
  ['defaults', 'a header: TRACE', ['POST', '/', header('TRACE')]],
  ['defaults', 'a header: GET', ['POST', '/', header('GET')]],
  ['defaults', 'none', ['POST', '/']],
  ['defaults', 'a header with GET', ['GET', '/', header('DELETE')]],
  ['defaults', 'a header with PUT', ['PUT', '/', header('DELETE')]],
  ['header', 'a header of another name', ['POST', '/', header('DELETE', 'x-method')]],
  ['header', 'a header of another name: the usual one', ['POST', '/', header('DELETE')]],
  ['query', 'the query', ['POST', '/?_method=DELETE']],
  ['query', 'the query: lower case', ['POST', '/?_method=delete']],
  ['query', 'the query: an unknown method', ['POST', '/?_method=BOGUS']],
  ['query', 'the query: twice', ['POST', '/?_method=PUT&_method=DELETE']],
  ['query', 'the query: none', ['POST', '/?other=1']],
  ['query', 'the query with GET', ['GET', '/?_method=DELETE']],
  ['methods', 'GET, too', ['GET', '/', header('DELETE')]],
  ['any-method', 'every method', ['GET', '/?_method=DELETE']],
  ['form', 'a field of a form', ['POST', '/', form, '_method=DELETE&name=ann']],
  ['form', 'a field of a form: none', ['POST', '/', form, 'name=ann']],
  ['form', 'a field of a form: an unknown method', ['POST', '/', form, '_method=BOGUS&name=ann']],
  ['form', 'a field of a form: with GET', ['GET', '/', form, '_method=DELETE&name=ann']],
  ['both', 'a header and the query', ['POST', '/?_method=PUT', header('DELETE')]],
];
