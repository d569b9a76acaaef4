import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './page.js';

const { Receipts } = await load('receipts.js');

function newReceipts() {
  const sent = [];
  return { sent, receipts: new Receipts((frame) => sent.push(frame)) };
}

test('a receipt is told once, and delivery not after reading', () => {
  const { sent, receipts } = newReceipts();
  receipts.tell('delivered', ['a']);
  receipts.tell('delivered', ['a']);
  receipts.tell('read', ['a', 'b']);
  receipts.tell('read', ['a']);
  receipts.tell('delivered', ['b']);
  assert.deepEqual(sent, [{ type: 'delivered', message_id: 'a' }, { type: 'read', message_ids: ['a', 'b'] }]);
});

test('a new connection hears them again', () => {
  const { sent, receipts } = newReceipts();
  receipts.tell('delivered', ['a', 'b']);
  receipts.tell('read', ['b']);
  sent.length = 0;
  receipts.repeat();
  assert.deepEqual(sent, [{ type: 'delivered', message_id: 'a' }, { type: 'read', message_ids: ['b'] }]);
});

test('a frame names at most 500', () => {
  const { sent, receipts } = newReceipts();
  receipts.tell('read', Array.from({ length: 600 }, (_, i) => `${i}`));
  assert.deepEqual(sent.map((frame) => frame.message_ids.length), [500, 100]);
});

test('only the latest are told again', () => {
  const { sent, receipts } = newReceipts();
  for (let i = 0; i < 600; i++) receipts.tell('read', [`${i}`]);
  sent.length = 0;
  receipts.repeat();
  assert.equal(sent.length, 1);
  assert.equal(sent[0].message_ids[0], '100');
});
