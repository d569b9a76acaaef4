import { expect, test } from 'vitest';
import { change, listed, lunch, message, messageOf, page, past, setup } from './setup';

const mine = (seq: number, more = {}) => message(seq, { sender_id: 'me', client_message_id: `c-${seq}`, ...more });
const status = (seq: number, user: string, kind: 'delivered' | 'read', position: number) => ({
	type: 'message_status' as const, message_id: `m-${seq}`, conversation_id: 'lunch', user_id: user, status: kind, position, timestamp: `t${position}`,
});

test('a message has come as far as with all who took part when it was sent', async () => {
	const { store } = setup();
	await store.load(100);
	store.apply(change(1, 'started', 'me', ['me', 'ann', 'bob']));
	store.apply(status(2, 'ann', 'read', 110)); // told before its message
	store.apply(mine(2));
	expect(messageOf(lunch(store), 2)).toMatchObject({ progress: 'sent', deliveredCount: 1, readCount: 1 });
	store.apply(change(3, 'participant_added', 'cyd', ['me', 'ann', 'bob', 'cyd']));
	store.apply(status(2, 'bob', 'delivered', 111));
	expect(messageOf(lunch(store), 2)).toMatchObject({ progress: 'delivered', deliveredCount: 2 });
	store.apply(status(2, 'bob', 'read', 112));
	expect(messageOf(lunch(store), 2)).toMatchObject({
		progress: 'read', receipts: [{ userId: 'ann', deliveredAt: 't110', readAt: 't110' }, { userId: 'bob', deliveredAt: 't111', readAt: 't112' }],
	});
});

test('the server knows how far older messages have come', async () => {
	const { store } = setup({
		conversations: async () => page([listed()]),
		history: async () => ({ items: [past(mine(2, { position: 50 }), { is_delivered: true })], next_cursor: 'more' }),
	});
	await store.load(100);
	await store.loadOlder({ conversationId: 'lunch' });
	expect(messageOf(lunch(store), 2).progress).toBe('delivered');
});

test('large conversations have counts, which never go back', async () => {
	const { store } = setup();
	await store.load(100);
	store.apply(change(1, 'started', 'me', ['me', ...Array.from({ length: 60 }, (_, i) => `user-${i}`)]));
	store.apply(mine(2));
	const counts = (delivered: number, read: number, position: number) => ({
		type: 'message_status' as const, message_id: 'm-2', conversation_id: 'lunch', delivered_count: delivered, read_count: read, position, timestamp: '',
	});
	store.apply(counts(60, 10, 120));
	store.apply(counts(40, 3, 110));
	expect(messageOf(lunch(store), 2)).toMatchObject({ progress: 'delivered', deliveredCount: 60, readCount: 10, receipts: [] });
	store.apply(counts(60, 60, 130));
	expect(messageOf(lunch(store), 2).progress).toBe('read');
});

test('reading lowers the count once, here or elsewhere', async () => {
	const { store } = setup({ conversations: async () => page([listed({ unread_count: 3 })]) });
	await store.load(100);
	store.apply(message(5));
	store.apply(message(6));
	expect(lunch(store).unread).toBe(5);
	expect(store.read(['m-5', 'm-5'])).toEqual(['m-5']);
	expect(store.read(['m-5'])).toEqual([]);
	expect(lunch(store).unread).toBe(4);
	store.apply(status(5, 'me', 'read', 120));
	store.apply(status(6, 'me', 'read', 121));
	store.apply(status(3, 'me', 'read', 122)); // one of the three, not loaded here
	expect(lunch(store).unread).toBe(2);
	expect(store.read(['m-6'])).toEqual([]);
	store.apply(mine(7));
	expect(store.read(['m-7'])).toEqual([]);
	expect(messageOf(lunch(store), 5).progress).toBe('read');
});

test('what the list has counted is not counted again', async () => {
	const { store } = setup({ conversations: async () => page([listed({ unread_count: 2 })], 106) });
	const loaded = store.load(100);
	store.apply(message(5));
	store.apply(message(6));
	store.apply(message(7));
	await loaded;
	expect(lunch(store).unread).toBe(3);
});

test('what was read here is not taken off again by a later list', async () => {
	let unread = 3;
	const { store } = setup({ conversations: async () => page([listed({ unread_count: unread })], 200 - unread) });
	await store.load(100);
	store.apply(message(5, { position: 198 }));
	store.read(['m-5']);
	expect(lunch(store).unread).toBe(3);
	unread = 1; // two others were read elsewhere, which frames tell
	store.apply(message(1, { conversation_id: 'unknown', message_id: 'unknown', position: 201 })); // has the list asked for again
	await new Promise<void>((resolve) => { setImmediate(resolve); });
	expect(lunch(store).unread).toBe(3);
	store.apply(status(2, 'me', 'read', 198));
	store.apply(status(3, 'me', 'read', 199));
	expect(lunch(store).unread).toBe(1);
});
