// For mocha's --require: in Express's acceptance tests `require('../../examples/NAME')` returns the URL of a running server instead
// of the example's app; supertest takes either. EXAMPLE is the name of the example that the server at URL has.
const Module = require("node:module");

const load = Module._load;
const { EXAMPLE: served, URL: url } = process.env;

Module._load = function (request, ...rest) {
    const example = /^\.\.\/\.\.\/examples\/([^/]+)$/.exec(request)?.[1];
    if (example === undefined) return load.call(this, request, ...rest);
    if (example !== served) throw new Error(`the server has the example ${served}, and not ${example}`);
    return url;
};
