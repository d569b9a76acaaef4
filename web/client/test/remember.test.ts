// A client that remembers nothing: what comes is told, and kept nowhere.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { collect, eventually, makeClient, phase } from './client';
import { room, said, sent, started } from './frames';
import { me, other, type Scripted, startScripted } from './scripted';

let server: Scripted;

beforeEach(async () => {
	server = await startScripted();
});
afterEach(() => server.stop());

async function begin() {
	const client = makeClient({ ...server, remember: false });
	client.start();
	const session = await server.session();
	session.live();
	await phase(client, 'live');
	return { client, session };
}

test('everything is told once and in order, and nothing is loaded', async () => {
	const { client, session } = await begin();
	const told = collect(client, 'chat_message', 'conversation', 'message_status', 'typing_indicator', 'presence', 'synced');
	session.send(
		started(), said(2), said(2), said(4), { type: 'typing_indicator', conversation_id: room, sender_id: other, is_typing: true },
		{ type: 'presence', user_id: other, online: true, last_seen: null },
		{ type: 'message_status', message_id: 'm2', conversation_id: room, user_id: me, status: 'read', position: 105, timestamp: '' },
	);
	await eventually(() => session.waiting.some(({ type }) => type === 'sync'));
	const sync = session.waiting.find((frame) => frame.type === 'sync');
	session.send(said(3), { type: 'synced', position: 105, ref: sync?.ref });
	await eventually(() => told.length === 7);
	expect(told.flatMap((event) => ('seq' in event ? [event.seq] : []))).toEqual([1, 2, 3, 4]);
	expect([client.conversations(), client.notes(), client.conversation({ conversationId: room })?.entries]).toEqual([null, null, []]);
	await client.loadOlder({ conversationId: room });
	expect(await client.loadOlderNotes()).toBe(false);
	expect(server.requests).toEqual([]);
});

test('receipts and drafts are as ever', async () => {
	const { client, session } = await begin();
	session.send(said(2));
	expect(await session.next()).toMatchObject({ type: 'delivered', message_id: 'm2' });
	client.read(['m2', 'm2']);
	expect(await session.next()).toMatchObject({ type: 'read', message_ids: ['m2'] });
	await client.send({ conversationId: room }, 'hello');
	const request = await session.next();
	expect(client.conversation({ conversationId: room })?.drafts).toMatchObject([{ content: 'hello', status: 'waiting' }]);
	const answered = collect(client, 'message_sent');
	session.send(sent(request, 3));
	await eventually(() => answered.length === 1);
	expect(client.conversation({ conversationId: room })).toMatchObject({ drafts: [], entries: [] });
});

test.each(['what comes', 'an answer'])('a direct conversation is one however it is addressed, once %s has told whose it is', async (what) => {
	const { client, session } = await begin();
	if (what === 'what comes') {
		session.send(said(2, { receiver_id: me }));
		await session.next(); // its delivery
	} else {
		await client.send({ userId: other }, 'zero');
		session.send(sent(await session.next(), 2));
		await eventually(() => client.connection().unsent === 0);
	}
	await client.send({ userId: other }, 'one');
	await client.send({ conversationId: room }, 'two');
	const first = await session.next();
	expect(first).toMatchObject({ content: 'one' });
	session.send({ type: 'heartbeat', position: 110, timestamp: '' });
	await eventually(() => client.progress()?.since === 110);
	expect(session.waiting).toEqual([]);
	session.send(sent(first, 3));
	expect(await session.next()).toMatchObject({ content: 'two' });
});
