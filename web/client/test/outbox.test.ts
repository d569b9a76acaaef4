import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Chainmail, ClientFrame, ErrorFrame } from '@chainmail/client';
import { collect, eventually, makeClient, phase, until } from './client';
import { otherRoom, room, said, sent } from './frames';
import { me, other, type Scripted, type Session, startScripted } from './scripted';

let server: Scripted;

beforeEach(async () => {
	server = await startScripted();
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(async () => {
	await server.stop();
	vi.useRealTimers();
});

/** begin starts a client, with a connection on which everything has come. */
async function begin(client: Chainmail): Promise<Session> {
	client.start();
	const session = await server.session();
	session.live();
	await phase(client, 'live');
	return session;
}

/** again loses the connection and makes the next one. */
async function again(client: Chainmail, session: Session): Promise<Session> {
	session.cut();
	await phase(client, 'offline');
	client.reconnect();
	return begin(client);
}

/** message takes the next message, passing over all else. */
async function message(session: Session): Promise<Extract<ClientFrame, { type: 'chat_message' }>> {
	const frame = await session.next();
	return frame.type === 'chat_message' ? frame : message(session);
}

/** refusal of a message. */
function refusal(request: ClientFrame, code: ErrorFrame['code'], fields: Partial<ErrorFrame> = {}): ErrorFrame {
	return { type: 'error', code, message: 'No.', ...('client_message_id' in request && { client_message_id: request.client_message_id ?? '' }), ...fields };
}

const here = { conversationId: room };
const third = '00000000-0000-7000-8000-00000000000c';

describe('messages', () => {
	test('one conversation in order, one on its way', async () => {
		const client = makeClient(server);
		const session = await begin(client);
		const answers = collect(client, 'message_sent');
		const keys = await Promise.all(['one', 'two', 'three'].map((content) => client.send(here, content)));
		for (const [i, content] of ['one', 'two', 'three'].entries()) {
			const request = await message(session);
			expect(request).toEqual({ type: 'chat_message', conversation_id: room, content, client_message_id: keys[i] });
			expect(session.waiting).toEqual([]);
			expect(client.connection().unsent).toBe(3 - i);
			session.send(sent(request, i + 2));
			await eventually(() => answers.length === i + 1);
		}
		expect(client.connection().unsent).toBe(0);
	});

	test('several conversations at once, and one with a user is one however it is addressed', async () => {
		const client = makeClient(server);
		const session = await begin(client);
		session.send({
			type: 'conversation', conversation_id: room, change: 'started', user_id: other, participant_ids: [me, other], title: null, seq: 1, position: 101, timestamp: '',
		});
		session.send(said(2, { receiver_id: me }));
		await until(client, 'chat_message', () => client.conversation({ userId: other })?.id === room);
		await client.send({ userId: other }, 'one');
		await client.send(here, 'two');
		await client.send({ conversationId: otherRoom }, 'elsewhere');
		const first = await message(session);
		expect([first.content, (await message(session)).content]).toEqual(['one', 'elsewhere']);
		session.send(sent(first, 3));
		expect((await message(session)).content).toBe('two');
	});

	test('what the connection lost is sent again under the same key, and its repeat is no second message', async () => {
		const client = makeClient(server);
		const first = await begin(client);
		const answers = collect(client, 'message_sent', 'chat_message');
		const key = await client.send(here, 'hello');
		const request = await message(first);
		const second = await again(client, first);
		expect(await message(second)).toEqual(request);
		// The push of the message that was committed after all may come first.
		second.send(said(2, { sender_id: me, message_id: 'm2', client_message_id: key }), sent(request, 2, { duplicate: true }));
		await eventually(() => answers.length > 0);
		expect(answers).toMatchObject([{ type: 'message_sent', client_message_id: key }]);
		expect(client.conversation(here)?.entries.filter((entry) => entry.kind === 'message')).toHaveLength(1);
		expect(client.conversation(here)?.drafts).toEqual([]);
	});

	test('the push of what was answered is no event', async () => {
		const client = makeClient(server);
		const session = await begin(client);
		const messages = collect(client, 'chat_message');
		await client.send(here, 'hello');
		session.send(sent(await message(session), 2));
		await until(client, 'message_sent', () => client.connection().unsent === 0);
		session.send(said(2, { sender_id: me, message_id: 'm2' }), said(3));
		await eventually(() => messages.length > 0);
		expect(messages.map(({ seq }) => seq)).toEqual([3]);
	});

	test('a blocked one stays, says why, and lets the next pass', async () => {
		const client = makeClient(server);
		const session = await begin(client);
		const warnings = collect(client, 'warning');
		const key = await client.send(here, 'my seed');
		await client.send(here, 'next');
		await message(session);
		session.send({
			type: 'warning', code: 'message_blocked', message: 'No.', message_id: 'x', client_message_id: key, risk_score: 0.9, reasons: ['rule'], position: 101,
		});
		expect((await message(session)).content).toBe('next');
		expect(warnings).toMatchObject([{ client_message_id: key, reasons: ['rule'] }]);
		expect(client.connection().unsent).toBe(1);
		await client.discard(key);
		await eventually(() => client.connection().unsent === 1);
	});

	test('a refused one stays until it is tried again', async () => {
		const client = makeClient(server);
		const session = await begin(client);
		const refused = collect(client, 'refused');
		const key = await client.send(here, 'hello');
		session.send(refusal(await message(session), 'not_a_participant'));
		await eventually(() => refused.length === 1);
		expect(refused).toMatchObject([{ clientMessageId: key, status: 'refused', problem: { code: 'not_a_participant', message: 'No.' } }]);
		expect(client.connection().unsent).toBe(0);
		await client.retry(key);
		expect(client.connection().unsent).toBe(1);
		expect((await message(session)).client_message_id).toBe(key);
	});

	test('a pause that is longer than a timer can be is none the less one', async () => {
		const client = makeClient(server);
		const session = await begin(client);
		await client.send(here, 'hello');
		session.send(refusal(await message(session), 'rate_limited', { retry_after: 3e6 }));
		session.send({ type: 'heartbeat', position: 101, timestamp: '' });
		await eventually(() => client.progress()?.since === 101);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(session.waiting).toEqual([]);
	});

	test('a change that a full disk does not take is told', async () => {
		let full = false;
		const store = async (): Promise<void> => {
			if (full) throw new DOMException('no room', 'QuotaExceededError');
		};
		const client = makeClient({ ...server, storage: { load: async () => [], put: store, remove: store, close() {} } });
		const session = await begin(client);
		const refused = collect(client, 'refused');
		const key = await client.send(here, 'hello');
		session.send(refusal(await message(session), 'forbidden'));
		await eventually(() => refused.length === 1);
		full = true;
		await expect(client.retry(key)).rejects.toMatchObject({ name: 'Trouble', code: 'not_stored' });
		await expect(client.discard(key)).rejects.toMatchObject({ name: 'Trouble', code: 'not_stored' });
	});

	test.each([
		['rate_limited', { retry_after: 12.5 }, 12_500], ['unavailable', {}, 500], ['internal', {}, 500],
	] as const)('%s waits', async (code, fields, delay) => {
		const client = makeClient(server);
		const session = await begin(client);
		await client.send(here, 'hello');
		const request = await message(session);
		session.send(refusal(request, code, fields));
		session.send({ type: 'heartbeat', position: 101, timestamp: '' });
		await eventually(() => client.progress()?.since === 101);
		await vi.advanceTimersByTimeAsync(delay - 1);
		await client.send({ conversationId: otherRoom }, 'elsewhere');
		expect(session.waiting).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(await message(session)).toEqual(request);
	});

	test('what the server would never take is refused at once', async () => {
		const client = makeClient(server);
		await begin(client);
		await expect(client.send(here, ' \n')).rejects.toMatchObject({ code: 'invalid_field', field: 'content' });
		for (const content of ['a\0b', 'a\u001bb', 'a\u0085b', 'half \ud83d of a pair']) {
			await expect(client.send(here, content), JSON.stringify(content)).rejects.toMatchObject({ code: 'invalid_field', field: 'content' });
		}
		await client.send(here, 'tab\t, lines\r\n and \u{1f600}');
		await expect(client.send(here, 'é'.repeat(5_121))).rejects.toMatchObject({ code: 'too_large' });
		await client.send(here, 'é'.repeat(5_120));
	});

	test('a thousand wait, and no more', async () => {
		const client = makeClient(server);
		const session = await begin(client);
		session.cut();
		await phase(client, 'offline');
		await Promise.all(Array.from({ length: 1_000 }, (_, i) => client.send(here, String(i))));
		await expect(client.send(here, 'one more')).rejects.toMatchObject({ code: 'outbox_full' });
		expect(client.connection().unsent).toBe(1_000);
	});

	test('one that is discarded on its way is shown when the server has it', async () => {
		const client = makeClient(server);
		const session = await begin(client);
		const key = await client.send(here, 'hello');
		const request = await message(session);
		await client.discard(key);
		expect(client.connection().unsent).toBe(0);
		session.send(sent(request, 2));
		await until(client, 'message_sent', () => client.conversation(here)?.lastMessage?.clientMessageId === key);
	});

	test('send waits for the first connection, and ends with stop', async () => {
		const client = makeClient(server);
		await expect(client.send(here, 'hello')).rejects.toMatchObject({ code: 'stopped' });
		client.start();
		const sending = client.send(here, 'hello');
		await Promise.all([client.stop(), expect(sending).rejects.toMatchObject({ code: 'stopped' })]);
	});

	test('what one user wrote is never sent as another', async () => {
		const client = makeClient(server);
		const first = await begin(client);
		first.send(said(2));
		await first.next(); // its delivery, which may have been lost
		first.cut();
		await phase(client, 'offline');
		await client.send(here, 'in my name');
		client.reconnect();
		const second = await server.session();
		second.live(102, { user_id: third });
		await phase(client, 'live');
		const key = await client.send(here, 'in the name of the third');
		expect(await second.next()).toMatchObject({ client_message_id: key });
		expect(second.waiting).toEqual([]);
		expect(client.connection().unsent).toBe(1);
		second.cut();
		await phase(client, 'offline');
		client.reconnect();
		const last = await begin(client);
		expect((await message(last)).content).toBe('in my name');
	});

	test('what waits is sent after stop and start', async () => {
		const client = makeClient(server);
		const first = await begin(client);
		const key = await client.send(here, 'hello');
		await message(first);
		const stopping = client.stop();
		client.start(); // as a strict React does
		await stopping;
		expect((await message(await begin(client))).client_message_id).toBe(key);
		expect(client.connection().unsent).toBe(1);
	});
});

describe('receipts', () => {
	const beat = { type: 'heartbeat', position: 100, timestamp: '' } as const;

	test('delivery is told for each message of another, and again on the next connection', async () => {
		const client = makeClient(server);
		client.start();
		const first = await server.session();
		first.welcome();
		first.send(said(2), said(3, { sender_id: me }), { type: 'synced', position: 103 });
		expect(await first.next()).toMatchObject({ type: 'delivered', message_id: said(2).message_id });
		expect(first.waiting).toEqual([]);
		const second = await again(client, first);
		expect(await second.next()).toMatchObject({ type: 'delivered', message_id: said(2).message_id });
	});

	test('two heartbeats later it has arrived', async () => {
		const client = makeClient(server);
		const first = await begin(client);
		first.send(said(2));
		await first.next();
		const beats = collect(client, 'heartbeat');
		first.send(beat);
		await eventually(() => beats.length === 1);
		const second = await again(client, first);
		await second.next();
		second.send(beat, beat);
		await eventually(() => beats.length === 3);
		const third = await again(client, second);
		third.send(said(3));
		expect(await third.next()).toMatchObject({ message_id: said(3).message_id });
	});

	test('500 a frame, and of what is read no delivery', async () => {
		const client = makeClient(server);
		client.start();
		const session = await server.session();
		session.welcome();
		const seqs = Array.from({ length: 501 }, (_, i) => i + 2);
		session.send(...seqs.map((seq) => said(seq)));
		const messages = collect(client, 'chat_message');
		await eventually(() => messages.length === 501);
		client.read(seqs.map((seq) => said(seq).message_id));
		session.send({ type: 'synced', position: 700 });
		const [one, two] = [await session.next(), await session.next()];
		expect([one, two].map((frame) => frame.type === 'read' && frame.message_ids.length)).toEqual([500, 1]);
		expect(session.waiting).toEqual([]);
	});

	test('those that came too fast are told again, and no others', async () => {
		const client = makeClient(server);
		const session = await begin(client);
		session.send(said(2), said(3));
		await session.next();
		const { ref } = await session.next();
		session.send({ type: 'error', code: 'rate_limited', message: '', ref, retry_after: 3 }, { ...beat, position: 104 });
		await eventually(() => client.progress()?.since === 104);
		await vi.advanceTimersByTimeAsync(3_000);
		expect(await session.next()).toMatchObject({ message_id: said(3).message_id });
		expect(session.waiting).toEqual([]);
	});
});
