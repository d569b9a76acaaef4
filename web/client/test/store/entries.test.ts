import { expect, test } from 'vitest';
import { change, listed, lunch, message, messageOf, page, past, seqs, setup } from './setup';

const last = { ...past(message(9, { position: 90 })), type: 'chat_message' as const };

test('a last message is no entry until history reaches it', async () => {
	const older = [past(message(7, { position: 80 })), last];
	const { store } = setup({
		conversations: async () => page([listed({ last_message: last })]),
		history: async () => ({ items: older, next_cursor: 'more' }),
	});
	await store.load(100);
	expect(lunch(store).lastMessage?.seq).toBe(9);
	expect(seqs(lunch(store))).toEqual([]);
	store.apply(message(11));
	expect(seqs(lunch(store))).toEqual([11]);
	await store.loadOlder({ conversationId: 'lunch' });
	expect(seqs(lunch(store))).toEqual([7, 9, 11]); // 8 and 10 are erasures
	expect(lunch(store).complete).toBe(false);
});

test('undelivered messages wait aside', async () => {
	const { store } = setup({ conversations: async () => page([listed({ unread_count: 2 })]), history: async () => ({ items: [past(message(4, { position: 84 }))], next_cursor: null }) });
	store.apply(message(4, { position: 84 }));
	await store.load(100);
	expect(seqs(lunch(store))).toEqual([]);
	expect(lunch(store).unread).toBe(2);
	await store.loadOlder({ conversationId: 'lunch' });
	expect(seqs(lunch(store))).toEqual([4]);
	expect(lunch(store).complete).toBe(true);
});

test('a page that is asked for twice at once is asked for once', async () => {
	let asked = 0;
	const { store } = setup({
		conversations: async () => page([listed()]),
		history: async () => {
			asked += 1;
			return { items: [], next_cursor: null };
		},
	});
	await expect(store.loadOlder({ conversationId: 'lunch' })).rejects.toMatchObject({ code: 'unreachable' });
	await store.load(100);
	await Promise.all([store.loadOlder({ conversationId: 'lunch' }), store.loadOlder({ conversationId: 'lunch' })]);
	await store.loadOlder({ conversationId: 'lunch' }); // complete by now
	expect(asked).toBe(1);
});

test('an erasure wins, whether it comes before or after the message', async () => {
	const { store } = setup({ conversations: async () => page([listed()]) });
	await store.load(100);
	const erased = (seq: number, of: number) => ({
		type: 'message_erased' as const, message_id: `m-${of}`, conversation_id: 'lunch', seq, position: 100 + seq, timestamp: '',
	});
	store.apply(message(2));
	store.apply(erased(4, 2));
	store.apply(erased(5, 3));
	store.apply(message(3));
	for (const seq of [2, 3]) expect(messageOf(lunch(store), seq)).toMatchObject({ erased: true, content: null, salt: null });
	expect(lunch(store).unread).toBe(0);
});

test('who leaves keeps what was seen, and the list forgets the conversation', async () => {
	const { store } = setup();
	await store.load(100);
	store.apply(change(1, 'started', 'ann', ['ann', 'me', 'bob']));
	store.apply(message(2));
	expect(store.conversations()).toHaveLength(1);
	expect(lunch(store)).toMatchObject({ title: 'Lunch', complete: true, unread: 1 });
	store.apply(change(3, 'participant_left', 'me', ['ann', 'bob']));
	expect(store.conversations()).toEqual([]);
	expect(lunch(store)).toMatchObject({ unread: 0, participantIds: ['ann', 'bob'] });
	store.apply(change(9, 'participant_added', 'me', ['ann', 'bob', 'me']));
	expect(store.conversations()).toHaveLength(1);
	expect(seqs(lunch(store))).toEqual([1, 2, 3, 9]);
	expect(lunch(store).unread).toBe(0);
	store.apply(message(10));
	expect(store.read(['m-2'])).toEqual(['m-2']); // from before, which counts no longer
	expect(lunch(store).unread).toBe(1);
});

test('snapshots are the same objects while nothing has changed', async () => {
	const { store, changes } = setup({ conversations: async () => page([listed()]) });
	await store.load(100);
	store.apply(message(2));
	store.apply(message(3));
	const [list, before, count] = [store.conversations(), lunch(store), changes()];
	expect(store.apply(message(3))).toBe(false);
	expect(changes()).toBe(count);
	store.apply(message(1, { conversation_id: 'other', message_id: 'other', receiver_id: 'me' }));
	expect(lunch(store)).toBe(before);
	expect(store.conversations()).not.toBe(list);
	store.apply({ type: 'typing_indicator', conversation_id: 'lunch', sender_id: 'bob', is_typing: true });
	expect(lunch(store).entries).toBe(before.entries);
	store.apply(message(4));
	expect(lunch(store).entries[0]).toBe(before.entries[0]);
});

test('a message is the same object when history tells nothing new of it', async () => {
	const started = { ...change(1, 'started', 'ann', ['ann', 'me', 'bob']), position: 50 };
	const { store } = setup({ conversations: async () => page([listed()]), history: async () => ({ items: [started], next_cursor: null }) });
	await store.load(100);
	store.apply(message(2, { sender_id: 'me' }));
	const before = messageOf(lunch(store), 2);
	await store.loadOlder({ conversationId: 'lunch' });
	expect(seqs(lunch(store))).toEqual([1, 2]);
	expect(messageOf(lunch(store), 2)).toBe(before);
});

test('a message more in a long conversation leaves all others as they are', async () => {
	const { store } = setup({ conversations: async () => page([listed()]) });
	await store.load(100);
	for (let seq = 2; seq < 10_002; seq++) store.apply(message(seq));
	const before = lunch(store).entries;
	store.apply(message(10_002));
	const after = lunch(store).entries;
	expect(after).toHaveLength(10_001);
	expect(before.every((entry, i) => entry === after[i])).toBe(true);
	expect(before).toHaveLength(10_000);
});
