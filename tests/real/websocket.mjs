// The chat example before real clients: curl, and pages in headless Chromium, driven by its DevTools protocol.
//
//     cargo build -p connect-examples --bin chat && node tests/real/websocket.mjs
//
// It needs node 20 or newer, and nothing from npm. What is not installed is left out, with a line that says so. CHAT is the
// program, if it is not target/debug/chat.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

if (typeof WebSocket === 'undefined') {
  const again = spawnSync(process.execPath, ['--experimental-websocket', '--no-warnings', ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(again.status ?? 1);
}

const PATIENCE = 20_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const check = (what, ok, seen) => {
  if (!ok) throw new Error(`${what}: saw ${JSON.stringify(seen)}`);
  console.log(`ok: ${what}`);
};
const installed = (names) => names.find((name) => spawnSync('which', [name]).status === 0);

const program = process.env.CHAT ?? join(import.meta.dirname, '../../target/debug/chat');
if (!existsSync(program)) {
  console.error(`${program} is not there: cargo build -p connect-examples --bin chat`);
  process.exit(1);
}
const server = spawn(program, { env: { ...process.env, ADDRESS: '127.0.0.1:0' }, stdio: ['ignore', 'pipe', 'inherit'] });
const [line] = await once(createInterface({ input: server.stdout }), 'line');
const port = new URL(line).port;

async function curl() {
  if (!installed(['curl'])) return console.log('skipped: no curl');
  const ask = (...headers) => {
    const all = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', ...headers];
    const args = ['--include', '-sN', '--max-time', '1', ...all.flatMap((header) => ['-H', header])];
    return spawnSync('curl', [...args, `http://127.0.0.1:${port}/chat`]).stdout.toString('latin1');
  };
  const answer = ask('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');
  check('curl is answered 101', answer.startsWith('HTTP/1.1 101 Switching Protocols\r\n'), answer);
  check('with the key that the RFC has', /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i.test(answer), answer);
  const refused = ask();
  check('curl without a key is answered 400', refused.startsWith('HTTP/1.1 400 '), refused);
}

/** A page, with `evaluate` and `until`. */
class Page {
  static async open(devtools, url) {
    const { targetId } = await devtools.call('Target.createTarget', { url });
    const { sessionId } = await devtools.call('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page();
    Object.assign(page, { devtools, sessionId });
    // It begins with an empty one, which is complete as well.
    await page.until('the page is loaded', '`${document.readyState} ${location.href}`', (state) => state === `complete ${url}`);
    return page;
  }
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.devtools.call(
      'Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true }, this.sessionId);
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return result.value;
  }
  async until(what, expression, holds) {
    let seen;
    for (const start = Date.now(); Date.now() - start < PATIENCE; await sleep(50)) {
      seen = await this.evaluate(expression);
      if (holds(seen)) return seen;
    }
    throw new Error(`${what}: saw ${JSON.stringify(seen)}`);
  }
}

class DevTools {
  static async connect(url) {
    const devtools = new DevTools();
    devtools.waiting = new Map();
    devtools.socket = new WebSocket(url);
    await new Promise((resolve, reject) => Object.assign(devtools.socket, { onopen: resolve, onerror: reject }));
    devtools.socket.onmessage = ({ data }) => {
      const { id, result, error } = JSON.parse(data);
      const call = devtools.waiting.get(id);
      if (call) error ? call.reject(new Error(error.message)) : call.resolve(result);
    };
    return devtools;
  }
  call(method, params = {}, sessionId) {
    const id = this.waiting.size + 1;
    this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }
}

async function browser() {
  const chromium = installed(['chromium', 'chromium-browser', 'google-chrome']);
  if (!chromium) return console.log('skipped: no chromium (Debian: apt-get install chromium)');
  const profile = mkdtempSync(join(tmpdir(), 'chat-'));
  const process = spawn(chromium, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const lines = createInterface({ input: process.stderr });
    const url = await new Promise((resolve, reject) => {
      lines.on('line', (line) => { const at = line.match(/DevTools listening on (\S+)/); if (at) resolve(at[1]); });
      setTimeout(() => reject(new Error('chromium does not start')), PATIENCE).unref();
    });
    const devtools = await DevTools.connect(url);
    const state = `document.getElementById('state').textContent`;
    const pages = [];
    for (let i = 0; i < 2; i++) {
      const page = await Page.open(devtools, `http://127.0.0.1:${port}/`);
      await page.until('the socket is open', state, (text) => text === 'open');
      pages.push(page);
    }
    check('two pages in Chromium have their sockets open', true);
    // As a user would: the field, then the button.
    await pages[0].evaluate(`document.getElementById('text').value = 'hello <b>there</b>'; document.querySelector('button').click()`);
    const said = `[...document.querySelectorAll('#said li')].map((line) => line.textContent).join('|')`;
    for (const [i, page] of pages.entries()) {
      const seen = await page.until('the message is seen', said, (text) => text !== '');
      check(`page ${i + 1} sees the message, as text`, seen === 'hello <b>there</b>', seen);
    }
    // To a browser localhost is another host than 127.0.0.1, and the server is at both.
    const elsewhere = await Page.open(devtools, `http://localhost:${port}/`);
    const opened = await elsewhere.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket('ws://127.0.0.1:${port}/chat');
      socket.onopen = () => resolve('opened');
      socket.onerror = () => resolve('refused');
    })`);
    check('a page of another host is refused', opened === 'refused', opened);
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    for (const [i, page] of pages.entries()) {
      const seen = await page.until('the end is seen', state, (text) => text.startsWith('closed'));
      check(`page ${i + 1} is told that the server goes away`, seen === 'closed: 1001', seen);
    }
    const [code] = await ended;
    check('the server ends with 0', code === 0, code);
  } finally {
    process.kill();
    await once(process, 'exit');
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

try {
  await curl();
  await browser();
} catch (err) {
  console.error(`failed: ${err.message}`);
  process.exitCode = 1;
} finally {
  server.kill('SIGKILL');
}
process.exit();
