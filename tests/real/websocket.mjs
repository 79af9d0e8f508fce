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
/** The example, with a certificate of its own if there is to be TLS. */
async function serve(encrypted) {
  const env = { ...process.env, ADDRESS: '127.0.0.1:0' };
  if (encrypted) {
    Object.assign(env, { CERTIFICATES: join(folder, 'cert.pem'), KEY: join(folder, 'key.pem') });
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const files = ['-keyout', env.KEY, '-out', env.CERTIFICATES];
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject, ...files]);
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  }
  const server = spawn(program, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: server.stderr }).on('line', (line) => {
      const at = line.match(/listening on (\S+)/);
      if (at) resolve(at[1]);
    });
    server.on('exit', (code) => reject(new Error(`the chat ends with ${code}`)));
  });
  running.push(server);
  return { server, url };
}

const folder = mkdtempSync(join(tmpdir(), 'chat-'));
const running = [];

async function curl(url, encrypted) {
  if (!installed(['curl'])) return console.log('skipped: no curl');
  const ask = (...headers) => {
    const all = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', ...headers];
    const args = ['--include', '-sN', '--max-time', '1', ...all.flatMap((header) => ['-H', header])];
    return spawnSync('curl', [...args, `${url}/chat`]).stdout.toString('latin1');
  };
  const answer = ask('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');
  check('curl is answered 101', answer.startsWith('HTTP/1.1 101 Switching Protocols\r\n'), answer);
  check('with the key that the RFC has', /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i.test(answer), answer);
  if (encrypted) {
    for (const [option, version] of [['--http2', '2'], ['--http1.1', '1.1'], ['--tls-max=1.2', '2']]) {
      const args = ['-s', ...option.split('='), '--cacert', join(folder, 'cert.pem'), '-o', '/dev/null', '-w', '%{http_version} %{http_code}'];
      const seen = spawnSync('curl', [...args, `${encrypted}/`]).stdout.toString();
      check(`curl ${option} is answered by HTTP/${version} with TLS`, seen === `${version} 200`, seen);
    }
  }
  const refused = ask();
  check('curl without a key is answered 400', refused.startsWith('HTTP/1.1 400 '), refused);
}

/** A page, with `evaluate` and `until`. */
class Page {
  static async open(devtools, url) {
    const { targetId } = await devtools.call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await devtools.call('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page();
    Object.assign(page, { devtools, sessionId });
    await devtools.call('Network.enable', {}, sessionId);
    await devtools.call('Page.navigate', { url }, sessionId);
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
    Object.assign(devtools, { waiting: new Map(), statuses: [] });
    devtools.socket = new WebSocket(url);
    await new Promise((resolve, reject) => Object.assign(devtools.socket, { onopen: resolve, onerror: reject }));
    devtools.socket.onmessage = ({ data }) => {
      const { id, result, error, method, params } = JSON.parse(data);
      // How each socket was opened.
      if (method === 'Network.webSocketHandshakeResponseReceived') devtools.statuses.push(params.response.status);
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

/** What pages see of the chat; by HTTP/2 if it is encrypted. */
async function pages(devtools, { server, url }) {
  const encrypted = url.startsWith('https');
  const state = `document.getElementById('state').textContent`;
  const pages = [];
  devtools.statuses = [];
  for (let i = 0; i < 2; i++) {
    const page = await Page.open(devtools, `${url}/`);
    await page.until('the socket is open', state, (text) => text === 'open');
    pages.push(page);
  }
  const protocol = await pages[0].evaluate(`performance.getEntriesByType('navigation')[0].nextHopProtocol`);
  check(`two pages by ${protocol} have their sockets open`, protocol === (encrypted ? 'h2' : 'http/1.1'), protocol);
  const { statuses } = devtools;
  const status = encrypted ? 200 : 101;
  check(`the sockets are opened with ${status}`, statuses.length === 2 && statuses.every((seen) => seen === status), statuses);
  // As a user would: the field, then the button.
  await pages[0].evaluate(`document.getElementById('text').value = 'hello <b>there</b>'; document.querySelector('button').click()`);
  const said = `[...document.querySelectorAll('#said li')].map((line) => line.textContent).join('|')`;
  for (const [i, page] of pages.entries()) {
    const seen = await page.until('the message is seen', said, (text) => text !== '');
    check(`page ${i + 1} sees the message, as text`, seen === 'hello <b>there</b>', seen);
  }
  // To a browser localhost is another host than 127.0.0.1, and the server is at both.
  const elsewhere = await Page.open(devtools, `${url.replace('127.0.0.1', 'localhost')}/`);
  const opened = await elsewhere.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket('${url.replace('http', 'ws')}/chat');
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
}

async function browser(chats) {
  const chromium = installed(['chromium', 'chromium-browser', 'google-chrome']);
  if (!chromium) return console.log('skipped: no chromium (Debian: apt-get install chromium)');
  const browser = spawn(chromium, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--ignore-certificate-errors', '--remote-debugging-port=0',
    `--user-data-dir=${join(folder, 'profile')}`, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const url = await new Promise((resolve, reject) => {
      createInterface({ input: browser.stderr }).on('line', (line) => {
        const at = line.match(/DevTools listening on (\S+)/);
        if (at) resolve(at[1]);
      });
      setTimeout(() => reject(new Error('chromium does not start')), PATIENCE).unref();
    });
    const devtools = await DevTools.connect(url);
    for (const chat of chats) await pages(devtools, chat);
  } finally {
    browser.kill();
    await once(browser, 'exit');
  }
}

try {
  const chats = [await serve(false)];
  if (installed(['openssl'])) chats.push(await serve(true));
  else console.log('skipped: no openssl, and so no HTTPS');
  await curl(chats[0].url, chats[1]?.url);
  await browser(chats);
} catch (err) {
  console.error(`failed: ${err.message}`);
  process.exitCode = 1;
} finally {
  for (const server of running) server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit();
