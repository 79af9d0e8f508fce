// Express: `node express.js LAYERS PORT`.
'use strict';
const express = require('express');

const [layers, port] = process.argv.slice(2).map(Number);

function layer(req, res, next) {
  void req.headers.accept;
  res.set('x-layer', '1');
  next();
}

const app = express();
for (let i = 0; i < layers; i++) app.use(layer);
app.get('/users/:id', (req, res) => {
  res.send(`user ${Number(req.params.id)}`);
});
app.listen(port, '127.0.0.1');
