import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Chainmail, ChatMessageFrame, Message, MessageSentFrame, Target } from '@chainmail/client';
import { type Account, type Server, startServer } from '../../testing/server';
import { hastily, makeClient, phase } from './client';
import { type Proxy, startProxy } from '../../testing/proxy';

const cuts = Number(process.env['CHAINMAIL_SOAK_CUTS'] ?? 200);
const seed = Number(process.env['CHAINMAIL_SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

let server: Server;
let proxy: Proxy;

beforeAll(async () => {
	server = await startServer('--rate-limit', '0');
	proxy = await startProxy(server.url);
});
afterAll(async () => {
	await proxy?.stop();
	await server?.stop();
});

/** mulberry32, a generator of random numbers from 0 to 1 that a seed determines. */
function generator(state: number): () => number {
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** One side of the soak: a client, what it has sent, and what it was told. */
interface Side {
	readonly client: Chainmail;
	readonly sent: Set<string>;
	readonly told: (ChatMessageFrame | MessageSentFrame)[];
}

function side(account: Account): Side {
	const client = makeClient({ url: proxy.url, token: async () => account.token }, hastily);
	const told: Side['told'] = [];
	client.on('chat_message', (frame) => void told.push(frame));
	client.on('message_sent', (frame) => void told.push(frame));
	return { client, sent: new Set(), told };
}

/** chatter sends to both conversations until told to stop. */
async function chatter({ client, sent }: Side, targets: readonly Target[], going: () => boolean, random: () => number): Promise<void> {
	for (let i = 0; going(); i += 1) {
		const target = targets[random() < 0.5 ? 0 : 1] ?? { userId: '' };
		if (client.connection().unsent < 40) sent.add(await client.send(target, `message ${i}`));
		await pause(random() * 40);
	}
}

/** misfortune cuts the network at random moments; now and then it swallows all for a moment before, refuses for a moment after, or is slow until the next time. */
async function misfortune(clients: readonly Chainmail[], random: () => number): Promise<void> {
	for (let i = 0; i < cuts; i += 1) {
		// One cut in four comes while the clients are still connecting or catching up.
		if (random() < 0.75) await Promise.all(clients.map((client) => phase(client, 'live')));
		await pause(random() * 80);
		proxy.blackHole(random() < 0.3);
		await pause(random() * 10);
		proxy.blackHole(false);
		proxy.delay(random() < 0.2 ? random() * 5 : 0);
		const refusing = random() < 0.1;
		proxy.refuse(refusing);
		proxy.cut();
		if (refusing) await pause(random() * 20);
		proxy.refuse(false);
	}
	proxy.delay(0);
}

function pause(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** history is a conversation as the log has it, up to a position at least: tables are behind the log for a moment. */
async function history({ api }: Chainmail, id: string, atLeast: number): Promise<{ id: string; seq: number | null; key: string | null }[]> {
	const all = [];
	for (let after = 0; ;) {
		const { items } = await api.history(id, { after, limit: 200 }, atLeast);
		const last = items.at(-1);
		if (!last) return all;
		after = last.seq ?? after;
		for (const item of items) if (item.type === 'chat_message') all.push({ id: item.id, seq: item.seq, key: item.client_message_id ?? null });
	}
}

/** messages are those that a client has of a conversation, all of them. */
async function messages(client: Chainmail, id: string): Promise<Message[]> {
	while (client.conversation({ conversationId: id })?.complete === false) await client.loadOlder({ conversationId: id });
	return (client.conversation({ conversationId: id })?.entries ?? []).filter((entry) => entry.kind === 'message');
}

test(`${cuts} cuts (seed ${seed}) lose and double nothing`, async () => {
	const accounts = [await server.user('Alice'), await server.user('Bob')] as const;
	const [alice, bob] = [side(accounts[0]), side(accounts[1])];
	const sides = [alice, bob];
	for (const { client } of sides) client.start();
	await Promise.all(sides.map(({ client }) => phase(client, 'live')));
	const group = await alice.client.api.startConversation([accounts[1].id], 'Group');

	const random = generator(seed);
	let going = true;
	const chatting = sides.map((one, i) => chatter(
		one, [{ userId: accounts[i === 0 ? 1 : 0].id }, { conversationId: group.id }], () => going, generator(seed + 1 + i),
	));
	await misfortune(sides.map(({ client }) => client), random);
	going = false;
	await Promise.all(chatting);
	const all = alice.sent.size + bob.sent.size;
	while (!sides.every(({ client, told }) => client.connection().unsent === 0 && told.length >= all)) await pause(20);

	console.info(`${all} messages, ${sides.map(({ told }) => told.length).join(' and ')} events, seed ${seed}`);

	const direct = alice.client.conversation({ userId: accounts[1].id })?.id ?? '';
	const newest = Math.max(...sides.flatMap(({ told }) => told.map(({ position }) => position)));
	const keys = new Set<string>();
	for (const id of [direct, group.id]) {
		const [hers, his] = [await history(alice.client, id, newest), await history(bob.client, id, newest)];
		expect(his.map((message) => message.id)).toEqual(hers.map((message) => message.id));
		expect(hers.map(({ seq }) => seq)).toEqual(hers.map((_, i) => i + 2)); // without holes
		for (const { key } of [...hers, ...his]) if (key !== null) keys.add(key);
		expect([...hers, ...his].filter(({ key }) => key !== null)).toHaveLength(hers.length); // each is its sender's, once
		for (const one of sides) {
			expect((await messages(one.client, id)).map((message) => message.id)).toEqual(hers.map((message) => message.id));
			const told = one.told.filter((frame) => frame.conversation_id === id);
			expect(told.map((frame) => frame.message_id).sort()).toEqual(hers.map((message) => message.id).sort()); // each event once
			const pushed = told.filter((frame) => frame.type === 'chat_message').map(({ seq }) => seq);
			expect(pushed).toEqual([...pushed].sort((a, b) => a - b));
		}
	}
	expect(keys).toEqual(new Set([...alice.sent, ...bob.sent]));
});
