import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SignedOut, type Connection } from '@chainmail/client';
import { collect, eventually, makeClient, phase, until } from './client';
import { room, said } from './frames';
import { log, other, startScripted, type Scripted } from './scripted';

let server: Scripted;

beforeEach(async () => {
	server = await startScripted();
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(async () => {
	await server.stop();
	vi.useRealTimers();
});

describe('phases', () => {
	test('connecting, catching up, live, offline, live, stopped', async () => {
		const client = makeClient(server);
		const phases = collect(client, 'connection');
		client.start();
		const first = await server.session();
		first.welcome();
		await phase(client, 'catching_up');
		first.send({ type: 'synced', position: 100 });
		await phase(client, 'live');
		first.close(1012, 'restart');
		await phase(client, 'offline');
		await vi.advanceTimersByTimeAsync(500);
		(await server.session()).live();
		await phase(client, 'live');
		await client.stop();
		expect(phases.map((connection: Connection) => connection.phase)).toEqual([
			'connecting', 'catching_up', 'live', 'offline', 'offline', 'catching_up', 'live', 'stopped',
		]);
		expect(phases[3]).toMatchObject({ reason: 'restart', retryAt: Date.now() });
		expect(phases[4]).toMatchObject({ reason: 'restart', retryAt: null });
	});

	test('delays double up to half a minute, and begin anew once everything has come', async () => {
		const client = makeClient(server);
		client.start();
		for (const delay of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
			(await server.session()).cut();
			await until(client, 'connection', () => client.connection().retryAt !== null);
			expect(client.connection().retryAt).toBe(Date.now() + delay);
			await vi.advanceTimersByTimeAsync(delay);
		}
		const session = await server.session();
		session.live();
		await phase(client, 'live');
		session.cut();
		await phase(client, 'offline');
		expect(client.connection().retryAt).toBe(Date.now() + 500);
	});

	test.each([
		[1008, 'token missing'], [1008, 'token invalid'], [1008, 'user not found or inactive'], [1008, 'session ended'], [1008, 'too many connections'],
		[1002, ''], [1003, ''], [1007, ''], [1009, ''],
	])('%i %s ends it', async (code, reason) => {
		const client = makeClient(server);
		client.start();
		(await server.session()).close(code, reason);
		await phase(client, 'ended');
		expect(client.connection().retryAt).toBeNull();
		if (reason) expect(client.connection().reason).toBe(reason);
		await vi.advanceTimersByTimeAsync(600_000);
		expect(server.connections()).toBe(1);
		client.reconnect();
		(await server.session()).live();
		await phase(client, 'live');
	});

	test('it hurries when the network is back or the tab is shown', async () => {
		const window = new EventTarget();
		const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
		const client = makeClient(server, { surroundings: { window, document } });
		client.start();
		(await server.session()).cut();
		await phase(client, 'offline');
		document.dispatchEvent(new Event('visibilitychange'));
		expect(client.connection().retryAt).not.toBeNull(); // it was hidden, not shown
		window.dispatchEvent(new Event('online'));
		(await server.session()).cut();
		await until(client, 'connection', () => client.connection().retryAt !== null);
		document.visibilityState = 'visible';
		document.dispatchEvent(new Event('visibilitychange'));
		(await server.session()).live();
		await phase(client, 'live');
	});

	test('a connection that may be dead is probed when the network is back', async () => {
		const window = new EventTarget();
		const client = makeClient(server, { surroundings: { window } });
		client.start();
		const session = await server.session();
		session.live();
		await phase(client, 'live');
		window.dispatchEvent(new Event('online'));
		expect(await session.next()).toEqual({ type: 'ping' });
		await vi.advanceTimersByTimeAsync(10_000);
		expect(client.connection()).toMatchObject({ phase: 'offline', reason: 'the server has fallen silent' });
	});

	test('so is one when the network is gone', async () => {
		const window = new EventTarget();
		const client = makeClient(server, { surroundings: { window } });
		client.start();
		const session = await server.session();
		session.live();
		await phase(client, 'live');
		window.dispatchEvent(new Event('offline'));
		expect(await session.next()).toEqual({ type: 'ping' });
		await client.send({ userId: other }, 'hello'); // is no reason to wait longer
		await vi.advanceTimersByTimeAsync(10_000);
		expect(client.connection()).toMatchObject({ phase: 'offline', reason: 'the server has fallen silent' });
	});

	test('so is one that leaves a message unanswered for some seconds', async () => {
		const client = makeClient(server);
		client.start();
		const session = await server.session();
		session.live();
		await phase(client, 'live');
		await client.send({ userId: other }, 'hello');
		expect(await session.next()).toMatchObject({ type: 'chat_message' });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await session.next()).toEqual({ type: 'ping' });
		session.send({ type: 'heartbeat', position: 101, timestamp: '' }); // it is there, and slow
		await eventually(() => client.progress()?.since === 101);
		await vi.advanceTimersByTimeAsync(15_000);
		expect(client.connection().phase).toBe('live');
		await client.send({ conversationId: room }, 'hello again');
		expect(await session.next()).toMatchObject({ type: 'chat_message' });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await session.next()).toEqual({ type: 'ping' });
		await vi.advanceTimersByTimeAsync(10_000);
		expect(client.connection()).toMatchObject({ phase: 'offline', reason: 'the server has fallen silent', unsent: 2 });
	});

	test('silence of 2.5 heartbeats ends a connection, a frame in time does not', async () => {
		const client = makeClient(server);
		client.start();
		const session = await server.session();
		session.live(100, { heartbeat_seconds: 4 });
		await phase(client, 'live');
		await vi.advanceTimersByTimeAsync(9_999);
		session.send({ type: 'heartbeat', position: 101, timestamp: '' });
		await eventually(() => client.progress()?.since === 101);
		await vi.advanceTimersByTimeAsync(9_999);
		expect(client.connection().phase).toBe('live');
		await vi.advanceTimersByTimeAsync(1);
		expect(client.connection()).toMatchObject({ phase: 'offline', reason: 'the server has fallen silent' });
	});

	test('a machine that slept notices soon what it missed, and at once when the tab is shown', async () => {
		const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
		const client = makeClient(server, { surroundings: { document } });
		client.start();
		(await server.session()).live();
		await phase(client, 'live');
		vi.setSystemTime(Date.now() + 76_000); // timers stand still meanwhile
		await vi.advanceTimersByTimeAsync(5_000);
		expect(client.connection()).toMatchObject({ phase: 'offline', reason: 'the server has fallen silent' });
		client.reconnect();
		(await server.session()).live();
		await phase(client, 'live');
		vi.setSystemTime(Date.now() + 76_000);
		document.dispatchEvent(new Event('visibilitychange'));
		expect(client.connection()).toMatchObject({ phase: 'offline', reason: 'the server has fallen silent' });
	});

	test('a clock that is set back changes nothing', async () => {
		const client = makeClient(server);
		client.start();
		(await server.session()).live();
		await phase(client, 'live');
		vi.setSystemTime(Date.now() - 3_600_000);
		await vi.advanceTimersByTimeAsync(74_999);
		expect(client.connection().phase).toBe('live');
		await vi.advanceTimersByTimeAsync(1);
		expect(client.connection().phase).toBe('offline');
	});

	test('a server that says nothing at all is given up after 10 s', async () => {
		const client = makeClient(server);
		client.start();
		await server.session();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(client.connection()).toMatchObject({ phase: 'offline', retryAt: Date.now() + 500 });
	});

	test('what is no frame ends the connection', async () => {
		const client = makeClient(server);
		client.start();
		const session = await server.session();
		session.send(JSON.parse('[1]'));
		await phase(client, 'offline');
		expect(client.connection().reason).toBe('the server sent what is no frame');
	});

	test('so does a frame without what its type has', async () => {
		const client = makeClient(server);
		client.start();
		const session = await server.session();
		session.live();
		session.send(JSON.parse('{"type": "conversation", "conversation_id": "c", "seq": 1, "position": 101}'));
		await phase(client, 'offline');
		expect(client.connection().reason).toMatch(/^the server sent a frame that makes no sense: TypeError/);
	});

	test('a server that does not say how often it is heard is given up after 10 s', async () => {
		const client = makeClient(server);
		client.start();
		(await server.session()).send(JSON.parse('{"type": "authenticated", "user_id": "u", "log_id": "l", "position": 1}'));
		await phase(client, 'catching_up');
		await vi.advanceTimersByTimeAsync(10_000);
		expect(client.connection().phase).toBe('offline');
	});
});

describe('tokens', () => {
	test('an expired one is renewed', async () => {
		const needs: string[] = [];
		const client = makeClient({ ...server, token: async (need) => `t${needs.push(need)}` });
		client.start();
		const first = await server.session();
		expect(first.token).toBe('t1');
		first.close(1008, 'token expired');
		await phase(client, 'offline');
		await vi.advanceTimersByTimeAsync(500);
		expect((await server.session()).token).toBe('t2');
		expect(needs).toEqual(['connect', 'renew']);
	});

	test('one that was not renewed in time is asked for again', async () => {
		const tokens = ['old', 'old', 'old', 'new'];
		const client = makeClient({ ...server, token: async () => tokens.shift() ?? '' });
		client.start();
		for (const token of ['old', 'old', 'old']) {
			const session = await server.session();
			expect(session.token).toBe(token);
			session.close(1008, 'token expired');
			await phase(client, 'offline');
			await until(client, 'connection', () => client.connection().retryAt !== null);
			client.reconnect();
		}
		expect((await server.session()).token).toBe('new');
	});

	test('token_expiring is answered with another', async () => {
		let fails = 1;
		const client = makeClient({ ...server, token: async (need) => {
			if (need === 'renew' && fails-- > 0) throw new Error('no network');
			return need;
		} });
		client.start();
		const session = await server.session();
		session.live();
		session.send({ type: 'token_expiring', expires_at: '' });
		await phase(client, 'live');
		await eventually(() => fails === 0);
		await vi.advanceTimersByTimeAsync(500);
		expect(await session.next()).toEqual({ type: 'authenticate', token: 'renew' });
		session.welcome();
		session.send(said(2));
		await eventually(() => client.progress()?.since === 102);
		expect(client.connection().phase).toBe('live');
	});

	test('SignedOut ends it', async () => {
		const client = makeClient({ ...server, token: async () => { throw new SignedOut(); } });
		client.start();
		await phase(client, 'ended');
		expect(client.connection().reason).toBe('signed out');
	});

	test('any other error is asked again', async () => {
		let fails = 1;
		const client = makeClient({ ...server, token: async () => {
			if (fails-- > 0) throw new Error('no network');
			return 'token';
		} });
		client.start();
		await phase(client, 'offline');
		await vi.advanceTimersByTimeAsync(500);
		(await server.session()).live();
		await phase(client, 'live');
	});

	test('one that never comes is asked for again', async () => {
		let asked = 0;
		const client = makeClient({ ...server, token: () => (asked++ < 2 ? new Promise(() => undefined) : Promise.resolve('token')) });
		client.start();
		const failed = expect(client.api.me()).rejects.toMatchObject({ code: 'unreachable' });
		await vi.advanceTimersByTimeAsync(30_500);
		await failed;
		(await server.session()).live();
		await phase(client, 'live');
	});

	test('one that no socket takes ends it, and is not told to anybody', async () => {
		const client = makeClient({ ...server, token: async () => 'two words' });
		client.start();
		await phase(client, 'ended');
		expect(client.connection().reason).not.toContain('two words');
	});
});

describe('where it goes on', () => {
	/** place resolves with the query of the next connection, after this one is lost. */
	async function place(client: ReturnType<typeof makeClient>): Promise<Record<string, string>> {
		await phase(client, 'offline');
		client.reconnect();
		return Object.fromEntries((await server.session()).query);
	}

	test('the first connection names no place, and neither do frames before its synced', async () => {
		const client = makeClient(server);
		client.start();
		const session = await server.session();
		expect([...session.query]).toEqual([]);
		const messages = collect(client, 'chat_message');
		session.welcome();
		session.send(said(2));
		await eventually(() => messages.length === 1);
		session.cut();
		expect(await place(client)).toEqual({});
	});

	test('pushes, synced and heartbeats move it, answers do not', async () => {
		const client = makeClient(server);
		client.start();
		const session = await server.session();
		session.live(100);
		await phase(client, 'live');
		await client.send({ conversationId: 'c' }, 'hello');
		await session.next();
		session.send(said(2), {
			type: 'warning', code: 'message_blocked', message: '', message_id: 'm', client_message_id: null, risk_score: 1, reasons: [], position: 900,
		});
		session.send({ type: 'heartbeat', position: 103, timestamp: '' }, { type: 'pong', timestamp: '' });
		await eventually(() => client.progress()?.since === 103);
		session.cut();
		expect(await place(client)).toEqual({ since: '103', log_id: log });
	});

	test('resume says where', async () => {
		const client = makeClient({ ...server, resume: { since: 42, logId: log } });
		client.start();
		expect(Object.fromEntries((await server.session()).query)).toEqual({ since: '42', log_id: log });
	});

	test.each([
		['another log', { log_id: 'another' }, []],
		['a place beyond the head', {}, [{ type: 'error', code: 'invalid_field', field: 'since', message: '' }]],
	] as const)('%s makes all that is known stale', async (_, fields, refusal) => {
		const client = makeClient(server);
		client.start();
		const first = await server.session();
		first.live(100);
		await phase(client, 'live');
		first.send(said(2), said(3));
		await eventually(() => client.progress()?.since === 103);
		first.cut();
		await phase(client, 'offline');
		client.reconnect();
		const second = await server.session();
		const messages = collect(client, 'chat_message');
		second.welcome(fields);
		second.send(...refusal, said(2, { position: 7 }), { type: 'synced', position: 8 });
		await phase(client, 'live');
		expect(messages).toHaveLength(1);
		expect(client.progress()?.since).toBe(8);
		await eventually(() => server.requests.filter(({ path }) => path === '/api/conversations').length === 2);
	});
});
