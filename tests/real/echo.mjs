// A WebSocket that is opened, echoes a text, 1 MiB of bytes and 100 messages in order, and is closed with code 1000:
//
//     node tests/real/echo.mjs ws://127.0.0.1:3000/echo
//
// It ends with 0 if all of that is so. It needs node 20 or newer, and nothing from npm.
import { spawnSync } from 'node:child_process';

if (typeof WebSocket === 'undefined') {
  const again = spawnSync(process.execPath, ['--experimental-websocket', '--no-warnings', ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(again.status ?? 1);
}

const fail = (why) => {
  console.error(why);
  process.exit(1);
};
setTimeout(() => fail('not over after 20 s'), 20_000).unref();

const socket = new WebSocket(process.argv[2]);
socket.binaryType = 'arraybuffer';
const received = [];
let arrived = () => {};
socket.onmessage = ({ data }) => {
  received.push(data);
  arrived();
};
socket.onerror = () => fail('the socket failed');
await new Promise((resolve) => (socket.onopen = resolve));
const closed = new Promise((resolve) => (socket.onclose = resolve));
closed.then(({ code }) => code === 1000 || fail(`closed with code ${code}`));

const bytes = new Uint8Array(1 << 20).map((_, i) => (i * 31) % 251);
const numbers = Array.from({ length: 100 }, (_, i) => `message ${i}`);
const sent = ['a text, with ä and 🦀', bytes.buffer, ...numbers];
for (const message of sent) socket.send(message);
while (received.length < sent.length) await new Promise((resolve) => (arrived = resolve));
for (const [i, message] of sent.entries()) {
  const [ours, theirs] = [message, received[i]].map((data) => Buffer.from(data));
  if (!ours.equals(theirs)) fail(`message ${i} is not what was sent`);
}
socket.close(1000);
await closed;
