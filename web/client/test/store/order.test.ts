// Whatever the order in which things are told, and however often, what a store shows in the end is the same.

import { expect, test } from 'vitest';
import type { Conversation, Note, Person } from '../../src/model';
import { type Store, createStore } from '../../src/store/store';
import { randomLog } from './histories';
import { type Random, random } from './random';
import { type Happening, apiOf, erasedBy, frameOf, me, users } from './world';

const histories = 120;
const length = 90;

interface View {
	readonly conversations: readonly Conversation[] | null;
	readonly byId: readonly (Conversation | undefined)[];
	readonly byPeer: readonly (Conversation | undefined)[];
	readonly notes: readonly Note[] | null;
	readonly people: readonly (Person | undefined)[];
}

// settled loads all that there is, so that two stores have been told the same, and shows it.
async function settled(store: Store, log: readonly Happening[]): Promise<View> {
	const ids = [...new Set(log.flatMap((h) => (h.conversation === '' || !frameOf(log, h) ? [] : [h.conversation])))];
	for (const conversationId of ids) {
		do await store.loadOlder({ conversationId });
		while (store.conversation({ conversationId })?.complete === false);
	}
	while (await store.loadOlderNotes());
	users.forEach((id) => store.person(id));
	await new Promise<void>((resolve) => { setImmediate(resolve); });
	return {
		conversations: store.conversations(), byId: ids.map((conversationId) => store.conversation({ conversationId })),
		byPeer: users.map((userId) => store.conversation({ userId })), notes: store.notes(), people: users.map((id) => store.person(id)),
	};
}

async function inOrder(log: readonly Happening[], from: number): Promise<View> {
	let head = from;
	const store = createStore({ api: apiOf(log, { at: () => head }), remember: true, changed() {} });
	store.begin(me);
	await store.load(from);
	head = log.length;
	for (const h of log.slice(from)) {
		const frame = frameOf(log, h);
		if (frame) store.apply(frame);
	}
	return settled(store, log);
}

async function anyhow(log: readonly Happening[], from: number, random: Random): Promise<View> {
	let head = from;
	const at = (atLeast = 0): number => (head = Math.max(head, atLeast, Math.min(log.length, head + random.below(12))));
	const store = createStore({ api: apiOf(log, { at }), remember: true, changed() {} });
	store.begin(me);
	const frames = random.shuffle(log.slice(from).flatMap((h) => {
		const frame = frameOf(log, h, erasedBy(log, h, log.length) && random.chance(0.3));
		return frame ? (random.chance(0.3) ? [frame, frame] : [frame]) : [];
	}));
	for (const h of random.shuffle(log.slice(0, from))) {
		const frame = h.kind === 'message' && random.chance(0.4) ? frameOf(log, h, erasedBy(log, h, from)) : undefined;
		if (frame) store.apply(frame);
	}
	for (const frame of frames.splice(0, random.below(6))) store.apply(frame);
	const running: Promise<unknown>[] = [store.load(from)];
	for (const frame of frames) {
		store.apply(frame);
		if (random.chance(0.2)) await Promise.resolve();
		if (random.chance(0.05)) await new Promise<void>((resolve) => { setImmediate(resolve); });
		if (random.chance(0.2)) store.conversations();
		const shown = store.conversations() ?? [];
		if (shown.length > 0 && random.chance(0.15)) running.push(store.loadOlder({ conversationId: random.pick(shown).id ?? '' }));
		if (random.chance(0.05)) running.push(store.loadOlderNotes());
	}
	await Promise.all(running);
	return settled(store, log);
}

function unread(view: View): Record<string, number> {
	return Object.fromEntries(view.conversations?.map(({ id, unread: count }) => [id, count]) ?? []);
}

// counted is what the server counts as unread in the end.
async function counted(log: readonly Happening[]): Promise<Record<string, number>> {
	const api = apiOf(log, { at: () => log.length });
	const counts: Record<string, number> = {};
	for (let cursor: string | null | undefined; cursor !== null;) {
		const { value } = await api.conversations(cursor);
		for (const { id, unread_count } of value.items) counts[id] = unread_count;
		cursor = value.next_cursor;
	}
	return counts;
}

test('random histories look the same in any order', async () => {
	for (let seed = 1; seed <= histories; seed++) {
		const source = random(seed);
		const log = randomLog(source, length);
		const from = source.below(length);
		const want = await inOrder(log, from);
		expect(await anyhow(log, from, source), `seed ${seed}`).toEqual(want);
		expect(unread(want), `seed ${seed}`).toEqual(await counted(log));
	}
});
