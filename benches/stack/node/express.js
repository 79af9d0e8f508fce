// Express with the packages that its users take: `node express.js PORT`.
'use strict';
const { randomUUID } = require('node:crypto');
const { Writable } = require('node:stream');
const express = require('express');
const compression = require('compression');
const cors = require('cors');
const helmet = require('helmet');
const morgan = require('morgan');
const { rateLimit } = require('express-rate-limit');
const session = require('express-session');

const row = '<li><a href="/posts/1">A post</a> by somebody, with a line of text below it.</li>\n';
const page = `<!doctype html><title>Posts</title><ul>${row.repeat(110)}</ul>`;
const sink = new Writable({ write: (chunk, encoding, done) => done() });

const app = express();
app.use((req, res, next) => { req.id = randomUUID(); res.set('x-request-id', req.id); next(); });
app.use(morgan('combined', { stream: sink }));
app.use(helmet());
app.use(cors({ origin: ['http://shop.example.com'], credentials: true }));
app.use(compression());
app.use(rateLimit({ windowMs: 60_000, limit: 1e9, standardHeaders: 'draft-8', legacyHeaders: false }));
// What `csrf` does: csurf is no longer kept.
app.use((req, res, next) => {
  if (['GET', 'HEAD', 'OPTIONS'].includes(req.method) || ['same-origin', 'none'].includes(req.get('sec-fetch-site'))) next();
  else res.sendStatus(403);
});
app.use(session({ secret: 'a secret of the benchmark', resave: false, saveUninitialized: false }));
app.use(express.json());
const text = (req, res) => res.type('text').send('text');
app.get('/', (req, res) => res.send(page));
app.get('/users', text);
app.post('/users', text);
app.get('/users/:id', (req, res) => res.json({ id: Number(req.params.id), name: 'a user of the shop', visits: req.session.visits ?? 0 }));
app.put('/users/:id', text);
app.delete('/users/:id', text);
app.get('/posts', text);
app.post('/posts', text);
app.get('/posts/:id', text);
app.post('/visits', (req, res) => {
  req.session.visits = (req.session.visits ?? 0) + 1;
  res.json(req.session.visits + req.body.title.length);
});
app.listen(Number(process.argv[2]), '127.0.0.1');
