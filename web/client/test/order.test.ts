import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClientFrame } from '@chainmail/client';
import { collect, eventually, makeClient, phase } from './client';
import { otherRoom, said, sent, started } from './frames';
import { type Scripted, startScripted } from './scripted';

let server: Scripted;

beforeEach(async () => {
	server = await startScripted();
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(async () => {
	await server.stop();
	vi.useRealTimers();
});

/** begin returns a live client, its messages as they come, and the next `sync` that it asks for. */
async function begin() {
	const client = makeClient(server);
	client.start();
	const session = await server.session();
	session.live();
	await phase(client, 'live');
	const messages = collect(client, 'chat_message');
	async function sync(): Promise<Extract<ClientFrame, { type: 'sync' }>> {
		const frame = await session.next();
		return frame.type === 'sync' ? frame : sync();
	}
	return { client, session, messages, sync, seqs: () => messages.map(({ seq }) => seq) };
}

test('a repeat is dropped', async () => {
	const { session, messages, seqs } = await begin();
	session.send(said(2), said(2), said(3), said(2), said(4));
	await eventually(() => messages.length === 3);
	expect(seqs()).toEqual([2, 3, 4]);
});

test('a gap is filled, and what came after it waits', async () => {
	const { session, messages, seqs, sync } = await begin();
	session.send(said(2), said(5), said(6), said(20, { conversation_id: otherRoom }));
	const question = await sync();
	expect(question.since).toBe(102);
	await eventually(() => messages.length === 2); // with that of the other conversation, which waits for nothing
	session.send(said(3), said(4), said(5), said(6), said(7), { type: 'synced', position: 107, ref: question.ref });
	await eventually(() => messages.length === 7);
	expect(seqs()).toEqual([2, 20, 3, 4, 5, 6, 7]);
});

test('what is not to be had is accepted', async () => {
	const { session, messages, seqs, sync } = await begin();
	session.send(said(2), said(6), said(5));
	const question = await sync();
	session.send(said(5), said(6), { type: 'synced', position: 107, ref: question.ref }, said(7));
	await eventually(() => messages.length === 4);
	expect(seqs()).toEqual([2, 5, 6, 7]);
});

test('this connection\'s own messages are no gap', async () => {
	const { client, session, messages, seqs } = await begin();
	session.send(started(), said(2));
	await eventually(() => messages.length === 1);
	await client.send({ conversationId: said(2).conversation_id }, 'mine');
	let request = await session.next();
	while (request.type !== 'chat_message') request = await session.next();
	session.send({
		type: 'message_sent', message_id: 'mine', client_message_id: request.client_message_id ?? null, conversation_id: said(2).conversation_id, seq: 4,
		position: 104, content_hash: '', salt: '', risk_score: 0, timestamp: '', duplicate: false,
	});
	session.send(said(3), said(5)); // the answer ran ahead of 3
	await eventually(() => messages.length === 3);
	expect(seqs()).toEqual([2, 3, 5]);
	expect(session.waiting.filter(({ type }) => type === 'sync')).toEqual([]);
});

test('a push that runs ahead of the answer to an own message waits for it', async () => {
	const { client, session, messages, seqs, sync } = await begin();
	session.send(said(2));
	await eventually(() => messages.length === 1);
	const key = await client.send({ conversationId: said(2).conversation_id }, 'mine');
	let request = await session.next();
	while (request.type !== 'chat_message') request = await session.next();
	session.send(said(4), said(6), { type: 'heartbeat', position: 106, timestamp: '' });
	await eventually(() => client.progress()?.since === 102);
	expect(session.waiting.filter(({ type }) => type === 'sync')).toEqual([]);
	session.send({
		type: 'message_sent', message_id: 'mine', client_message_id: key, conversation_id: said(2).conversation_id, seq: 3,
		position: 103, content_hash: '', salt: '', risk_score: 0, timestamp: '', duplicate: false,
	});
	await eventually(() => messages.length === 2);
	expect((await sync()).since).toBe(104); // 5 is another's, and lost
	expect(seqs()).toEqual([2, 4]);
});

test('a refused sync is asked again', async () => {
	const { session, sync } = await begin();
	session.send(said(2), said(4));
	const { ref, since } = await sync();
	session.send({ type: 'error', code: 'rate_limited', message: '', ref, retry_after: 6 }, { type: 'pong', timestamp: '' });
	session.send(said(9, { conversation_id: otherRoom }));
	await session.next(); // its delivery: the refusal was read before
	await vi.advanceTimersByTimeAsync(6_000);
	expect(await sync()).toMatchObject({ since });
});

test('a connection that is lost with a gap open goes on before the gap', async () => {
	const { client, session, messages, sync, seqs } = await begin();
	session.send(said(2), said(4));
	await sync();
	session.cut();
	await phase(client, 'offline');
	expect(client.progress()?.since).toBe(102);
	client.reconnect();
	const next = await server.session();
	expect(next.query.get('since')).toBe('102');
	next.welcome();
	next.send(said(3), said(4), { type: 'synced', position: 104 });
	await eventually(() => messages.length === 3);
	expect(seqs()).toEqual([2, 3, 4]);
});

test('what a connection that goes on from before a gap does not bring is not to be had', async () => {
	const { client, session, messages, seqs } = await begin();
	session.send(said(2));
	await eventually(() => messages.length === 1);
	session.cut();
	await phase(client, 'offline');
	client.reconnect();
	const next = await server.session();
	const many = Array.from({ length: 1_200 }, (_, i) => said(7 + i)); // 3 to 6 were said while this user was out
	next.welcome();
	next.send(...many, { type: 'synced', position: 1_400 }, said(1_207));
	await eventually(() => messages.length === 1_202 || client.connection().reason === 'too much was missing');
	expect(client.connection().phase).toBe('live');
	expect(seqs()).toEqual([2, ...many.map(({ seq }) => seq), 1_207]);
	expect(next.waiting.filter(({ type }) => type === 'sync')).toEqual([]);
});

test('a sync that is refused for good is not waited for', async () => {
	const { session, messages, seqs, sync } = await begin();
	session.send(said(2), said(4));
	const { ref } = await sync();
	session.send({ type: 'error', code: 'invalid_field', field: 'since', message: '', ref });
	await eventually(() => messages.length === 2);
	expect(seqs()).toEqual([2, 4]);
	session.send(said(5), said(7));
	await sync(); // the next gap is asked for
});

test('more than a thousand frames after a gap begin the connection anew', async () => {
	const { client, session, messages } = await begin();
	session.send(said(2), ...Array.from({ length: 1_001 }, (_, i) => said(4 + i)));
	await phase(client, 'offline');
	expect(client.connection().reason).toBe('too much was missing');
	expect(client.progress()?.since).toBe(102);
	expect(messages).toHaveLength(1);
});

test('what is lost after an own message is noticed where nothing else was ever pushed', async () => {
	const { client, session, sync } = await begin();
	await client.send({ conversationId: said(2).conversation_id }, 'mine');
	const request = await session.next();
	session.send(sent(request, 5), said(7));
	expect((await sync()).since).toBe(105);
});
