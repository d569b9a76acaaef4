import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './page.js';

const { Store } = await load('store.js');

const ada = 'ada';
const bob = 'bob';
const conversation = 'conversation';

function newStore(outbox = []) {
  const store = new Store(ada, outbox, () => {});
  store.addUser({ id: ada, name: 'Ada' });
  store.addUser({ id: bob, name: 'Bob' });
  return store;
}

function message(seq, sender, content, more = {}) {
  return {
    type: 'chat_message', message_id: `message-${seq}`, conversation_id: conversation, seq, position: seq, sender_id: sender,
    receiver_id: sender === ada ? bob : ada, content, timestamp: '2026-01-01T10:00:00.000000Z', ...more,
  };
}

function status(seq, user, kind) {
  return { type: 'message_status', message_id: `message-${seq}`, conversation_id: conversation, user_id: user, status: kind };
}

function words(store, chat) {
  return store.entries(chat).filter((entry) => entry.sender).map((entry) => entry.content);
}

test('a message told twice is there once, and counts once as unread', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.addHistory(chat, []);
  store.merge(message(2, bob, 'hello'));
  store.merge(message(2, bob, 'hello'));
  assert.deepEqual(words(store, chat), ['hello']);
  assert.equal(chat.unread, 1);
  assert.deepEqual(store.unread(chat), ['message-2']);
  assert.deepEqual(store.unread(chat), []);
  assert.equal(chat.unread, 0);
});

test('messages stand in the order of their seq, however they come', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.addHistory(chat, []);
  for (const seq of [4, 2, 3]) store.merge(message(seq, bob, String(seq)));
  assert.deepEqual(words(store, chat), ['2', '3', '4']);
});

test('the first answer gives a direct chat its id, and the draft its place', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.addHistory(chat, []);
  store.compose(chat, 'key', 'hello');
  assert.deepEqual(store.outbox[0].target, { receiver_id: bob });
  assert.equal(store.status(chat, store.outbox[0]), 'waiting');
  store.accept({ ...message(2), client_message_id: 'key', content: undefined });
  assert.deepEqual(store.outbox, []);
  assert.deepEqual(words(store, chat), ['hello']);
  assert.deepEqual(store.target(chat), { conversation_id: conversation });
  assert.equal(store.chat(conversation), chat);
});

test('a draft whose answer was lost is known by the push', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.addHistory(chat, []);
  store.compose(chat, 'key', 'hello');
  store.merge(message(2, ada, 'hello', { client_message_id: 'key' }));
  assert.deepEqual(store.outbox, []);
  store.accept({ ...message(2), client_message_id: 'key', duplicate: true });
  assert.deepEqual(words(store, chat), ['hello']);
});

test('ticks go forward and never back', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.addHistory(chat, []);
  store.merge(message(2, ada, 'hello'));
  const [entry] = store.entries(chat);
  const steps = [['delivered', 'delivered'], ['read', 'read'], ['delivered', 'read']];
  assert.equal(store.status(chat, entry), 'sent');
  for (const [told, want] of steps) {
    store.merge(status(2, bob, told));
    assert.equal(store.status(chat, entry), want);
  }
  store.addHistory(chat, [message(2, ada, 'hello', { is_delivered: false, is_read: false, receipts: [] })]);
  assert.equal(store.status(chat, entry), 'read');
});

test('in a group a tick waits for everybody', () => {
  const store = newStore();
  const user = (id) => ({ id, name: id });
  store.addConversations([{
    id: conversation, title: 'Group', direct: false, participants: [user(ada), user(bob), user('cid')], last_message: null, unread_count: 0,
  }]);
  const chat = store.chat(conversation);
  store.merge(message(2, ada, 'hello', { receiver_id: undefined }));
  const entry = store.last(chat);
  store.merge(status(2, bob, 'read'));
  assert.equal(store.status(chat, entry), 'sent');
  store.merge(status(2, 'cid', 'delivered'));
  assert.equal(store.status(chat, entry), 'delivered');
  store.merge({ ...status(2), user_id: undefined, status: undefined, delivered_count: 2, read_count: 2 });
  assert.equal(store.status(chat, entry), 'read');
});

test('an erasure holds, even when the words come once more', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.addHistory(chat, []);
  store.merge(message(2, bob, 'hello'));
  store.merge({ type: 'message_erased', message_id: 'message-2', conversation_id: conversation });
  store.merge(message(2, bob, 'hello'));
  assert.deepEqual(words(store, chat), [null]);
});

test('what lies before the history that was read is not shown: there would be a hole', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.merge(message(3, bob, 'old, never delivered'));
  store.addHistory(chat, [message(60, bob, '60'), message(61, bob, '61')]);
  assert.deepEqual(words(store, chat), ['60', '61']);
  assert.equal(chat.complete, false);
  store.addHistory(chat, [message(2, bob, '2'), message(3, bob, '3')]);
  store.addHistory(chat, []);
  assert.equal(chat.complete, true);
});

test('another tab read it: one unread less', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.merge(message(2, bob, 'hello'));
  store.merge(message(3, bob, 'are you there?'));
  store.merge(status(2, ada, 'read'));
  store.merge(status(2, ada, 'read'));
  assert.equal(chat.unread, 1);
});

test('a refused draft stays, with the reason, until it is taken away', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.compose(chat, 'key', 'spam');
  store.refuse('key', 'blocked', 'Not sent: spam');
  assert.deepEqual(words(store, chat), ['spam']);
  assert.equal(store.status(chat, store.outbox[0]), 'blocked');
  store.discard('key');
  assert.deepEqual(words(store, chat), []);
});

test('what became of a message may be told before its words are', () => {
  const store = newStore();
  const chat = store.chatWith(bob);
  store.merge(status(2, bob, 'read'));
  store.merge({ type: 'message_erased', message_id: 'message-3', conversation_id: conversation });
  store.addHistory(chat, [message(2, ada, 'hello', { is_read: false, receipts: [] }), message(3, ada, 'oops')]);
  assert.deepEqual(words(store, chat), ['hello', null]);
  assert.equal(store.status(chat, store.entries(chat)[0]), 'read');
});
