// Node's connect: `node connect.js LAYERS PORT`. It has no parameters, so the route reads its own.
'use strict';
const http = require('http');
const connect = require('connect');

const [layers, port] = process.argv.slice(2).map(Number);

function layer(req, res, next) {
  void req.headers.accept;
  res.setHeader('x-layer', '1');
  next();
}

const app = connect();
for (let i = 0; i < layers; i++) app.use(layer);
app.use('/users', (req, res) => {
  res.setHeader('content-type', 'text/plain; charset=utf-8');
  res.end(`user ${Number(req.url.slice(1))}`);
});
http.createServer(app).listen(port, '127.0.0.1');
