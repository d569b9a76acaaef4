import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './page.js';

const { openSocket } = await load('socket.js');

// Sockets that only remember what was done to them, in a page that is nothing but an address.
class FakeSocket {
  static OPEN = 1;
  static all = [];
  readyState = 1;
  sent = [];

  constructor(url, protocols) {
    Object.assign(this, { url: new URL(url), protocols });
    FakeSocket.all.push(this);
  }

  send(text) { this.sent.push(JSON.parse(text)); }

  close() { this.closed = true; }

  tell(...frames) {
    for (const frame of frames) this.onmessage({ data: JSON.stringify(frame) });
  }
}

const authenticated = { type: 'authenticated', log_id: 'log', position: 9, heartbeat_seconds: 30 };
const synced = { type: 'synced', position: 9 };

function open(t) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  FakeSocket.all = [];
  Object.assign(globalThis, {
    WebSocket: FakeSocket, location: { href: 'http://host/' }, window: new EventTarget(), document: new EventTarget(),
  });
  const states = [];
  const socket = openSocket({ token: 'jwt', onFrame() {}, onState: (...state) => states.push(state.filter(Boolean).join(': ')) });
  return { socket, states, latest: () => FakeSocket.all.at(-1) };
}

test('the token goes as a subprotocol, never in the address', (t) => {
  const { latest } = open(t);
  assert.equal(String(latest().url), 'ws://host/ws');
  assert.deepEqual(latest().protocols, ['chainmail.v1', 'bearer.jwt']);
});

test('a reconnect goes on after the last push, not after an answer', (t) => {
  const { latest } = open(t);
  latest().tell(authenticated, synced, { type: 'chat_message', position: 12 }, { type: 'message_sent', position: 20 }, { type: 'warning', position: 21 });
  latest().onclose({ code: 1006 });
  t.mock.timers.tick(500);
  assert.equal(latest().url.search, '?since=12&log_id=log');
  latest().tell(authenticated, { type: 'message_status', position: 15 });
  latest().onclose({ code: 1012 });
  t.mock.timers.tick(1_000);
  assert.equal(latest().url.search, '?since=15&log_id=log');
});

test('a first connection that broke before synced starts anew', (t) => {
  const { latest } = open(t);
  latest().tell(authenticated, { type: 'chat_message', position: 3 });
  latest().onclose({ code: 1006 });
  t.mock.timers.tick(500);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(latest().url.search, '');
});

test('waits grow, up to a bound, and begin anew after a success', (t) => {
  const { latest } = open(t);
  for (let i = 0; i < 12; i++) {
    const before = FakeSocket.all.length;
    latest().onclose({ code: 1006 });
    t.mock.timers.tick(Math.min(15_000, 500 * 2 ** i));
    assert.equal(FakeSocket.all.length, before + 1);
  }
  latest().onclose({ code: 1006 });
  const before = FakeSocket.all.length;
  t.mock.timers.tick(7_000); // less than half of the bound
  assert.equal(FakeSocket.all.length, before);
  window.dispatchEvent(new Event('online')); // the network is back
  assert.equal(FakeSocket.all.length, before + 1);
  latest().tell(authenticated, synced);
  latest().onclose({ code: 1006 });
  t.mock.timers.tick(500);
  assert.equal(FakeSocket.all.length, before + 2);
});

test('a refusal is final', (t) => {
  const { latest, states } = open(t);
  latest().onclose({ code: 1008, reason: 'token invalid' });
  t.mock.timers.tick(60_000);
  window.dispatchEvent(new Event('online'));
  assert.equal(FakeSocket.all.length, 1);
  assert.deepEqual(states, ['connecting', 'ended: token invalid']);
});

test('silence is a loss', (t) => {
  const { latest, states } = open(t);
  const first = latest();
  first.tell(authenticated, synced);
  t.mock.timers.tick(74_000);
  first.tell({ type: 'heartbeat', position: 10 });
  t.mock.timers.tick(74_000);
  assert.equal(first.closed, undefined);
  t.mock.timers.tick(1_000);
  assert.equal(first.closed, true);
  assert.deepEqual(states, ['connecting', 'online', 'offline']);
  t.mock.timers.tick(500);
  assert.equal(latest().url.search, '?since=10&log_id=log');
});

test('nothing is sent before synced', (t) => {
  const { socket, latest } = open(t);
  latest().tell(authenticated, { type: 'chat_message', position: 3 });
  assert.equal(socket.position, undefined);
  assert.equal(socket.send({ type: 'ping' }), false);
  latest().tell(synced);
  assert.equal(socket.send({ type: 'ping' }), true);
  assert.deepEqual(latest().sent, [{ type: 'ping' }]);
  assert.equal(socket.position, 9);
});
