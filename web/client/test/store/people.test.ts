import { afterEach, expect, test, vi } from 'vitest';
import { eventually } from '../client';
import { trouble } from './trouble';
import { listed, lunch, message, page, setup } from './setup';

afterEach(() => void vi.useRealTimers());

const ann = { id: 'ann', name: 'Ann', wallet_address: null, online: false, last_seen: null };
const presence = (online: boolean) => ({ type: 'presence' as const, user_id: 'ann', online, last_seen: null });

test('an unknown user is loaded once; after a failure not again for 30 s', async () => {
	vi.useFakeTimers();
	let asked = 0;
	const { store, changes } = setup({
		user: async () => {
			asked += 1;
			if (asked === 1) throw trouble;
			return ann;
		},
	});
	store.person('ann');
	store.person('ann');
	await vi.advanceTimersByTimeAsync(29_000);
	expect([store.person('ann'), asked, changes()]).toEqual([undefined, 1, 0]);
	await vi.advanceTimersByTimeAsync(2_000);
	store.person('ann');
	await vi.advanceTimersByTimeAsync(0);
	expect(store.person('ann')).toMatchObject({ name: 'Ann', online: false });
	expect([asked, changes()]).toEqual([2, 1]);
});

test('whoever is asked for while eight are loading has his turn, also when they all fail', async () => {
	const asked: string[] = [];
	const { store, changes } = setup({
		user: async (id) => {
			asked.push(id);
			throw trouble;
		},
	});
	const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
	ids.forEach(store.person);
	await eventually(() => changes() > 0);
	expect(changes()).toBe(1);
	ids.forEach(store.person);
	expect(asked).toEqual(ids);
});

test('a clock that is set back does not keep a user unknown', async () => {
	vi.useFakeTimers();
	let asked = 0;
	const { store } = setup({
		user: async () => {
			asked += 1;
			throw trouble;
		},
	});
	store.person('ann');
	await vi.advanceTimersByTimeAsync(0);
	vi.setSystemTime(Date.now() - 3_600_000);
	await vi.advanceTimersByTimeAsync(31_000);
	store.person('ann');
	expect(asked).toBe(2);
});

test('a presence frame stands against answers until the connection ends', async () => {
	const { store } = setup({ user: async () => ann, conversations: async () => page([listed()]) });
	store.apply(presence(true)); // before anything else is known of her
	store.person('ann');
	await Promise.resolve();
	await Promise.resolve();
	expect(store.person('ann')?.online).toBe(true);
	expect(store.apply(presence(true))).toBe(false);
	store.disconnected();
	expect(store.person('ann')?.online).toBe(false);
});

test('typing ends with a message, and with the connection', async () => {
	const { store } = setup({ conversations: async () => page([listed()]) });
	await store.load(100);
	const typing = (sender: string) => ({ type: 'typing_indicator' as const, conversation_id: 'lunch', sender_id: sender, is_typing: true });
	store.apply(typing('ann'));
	store.apply(typing('bob'));
	expect(lunch(store).typing).toEqual(['ann', 'bob']);
	store.apply(message(2));
	expect(lunch(store).typing).toEqual(['bob']);
	store.disconnected();
	expect(lunch(store).typing).toEqual([]);
});

test('a conversation that nobody knows is loaded when something happens in it', async () => {
	let asked = 0;
	const { store } = setup({
		conversation: async () => {
			asked += 1;
			return { value: listed({ unread_count: 7 }), position: 102 };
		},
	});
	await store.load(100);
	store.apply(message(2));
	expect(lunch(store)).toMatchObject({ title: null, unread: 1 });
	await eventually(() => lunch(store).title !== null);
	expect(lunch(store)).toMatchObject({ title: 'Lunch', unread: 7 });
	store.apply(message(3));
	expect([lunch(store).unread, asked]).toEqual([8, 1]);
});
