import { expect, test } from 'vitest';
import { change, draft, listed, lunch, message, page, sent, seqs, setup } from './setup';

const toAnn = { userId: 'ann' } as const;

test('a first message opens the conversation, which is the same by either name', async () => {
	const { store } = setup();
	await store.load(100);
	expect(store.conversation(toAnn)).toMatchObject({ id: null, peerId: 'ann', complete: true, participantIds: ['ann', 'me'] });
	expect(store.conversations()).toEqual([]);
	const hello = draft('c-1', toAnn);
	store.setDrafts([hello]);
	expect(store.conversations()).toEqual([store.conversation(toAnn)]);
	store.apply({ ...change(1, 'started', 'me', ['me', 'ann']), conversation_id: 'direct', title: null });
	expect(store.conversation(toAnn)).toMatchObject({ id: 'direct', drafts: [{ clientMessageId: 'c-1' }] });
	store.accepted(hello, sent('c-1', 2, 'direct'));
	const conversation = store.conversation(toAnn);
	expect(conversation).toMatchObject({ drafts: [], entries: [{ seq: 1 }, { seq: 2, content: 'draft c-1', clientMessageId: 'c-1', progress: 'sent' }] });
	expect(store.conversation({ conversationId: 'direct' })).toBe(conversation);
	store.setDrafts([hello]); // the outbox has not taken it out yet
	expect(store.conversation(toAnn)).toBe(conversation);
});

test('a draft that came as a message is gone, and its answer doubles nothing', async () => {
	const { store } = setup({ conversations: async () => page([listed()]) });
	await store.load(100);
	const words = draft('c-1', { conversationId: 'lunch' });
	store.setDrafts([words, draft('c-2', { conversationId: 'lunch' }, { status: 'refused' })]);
	store.apply(message(2, { sender_id: 'me', client_message_id: 'c-1' }));
	expect(lunch(store).drafts.map((one) => one.clientMessageId)).toEqual(['c-2']);
	store.accepted(words, sent('c-1', 2));
	expect(seqs(lunch(store))).toEqual([2]);
	expect(store.apply(message(2, { sender_id: 'me', client_message_id: 'c-1' }))).toBe(false);
	expect(lunch(store).unread).toBe(0);
});

test('an answer that runs ahead of pushes lets them in before it', async () => {
	const { store } = setup({ conversations: async () => page([listed()]) });
	await store.load(100);
	store.accepted(draft('c-1', { conversationId: 'lunch' }), sent('c-1', 4));
	store.apply(message(3));
	expect(seqs(lunch(store))).toEqual([3, 4]);
	expect(lunch(store).lastMessage?.seq).toBe(4);
});

test('drafts that have not changed are the same objects', async () => {
	const { store } = setup({ conversations: async () => page([listed()]) });
	await store.load(100);
	const words = draft('c-1', { conversationId: 'lunch' });
	store.setDrafts([words]);
	const before = lunch(store);
	store.setDrafts([{ ...words }]);
	expect(lunch(store)).toBe(before);
	store.setDrafts([{ ...words, status: 'blocked' }]);
	expect(lunch(store).drafts[0]?.status).toBe('blocked');
});
