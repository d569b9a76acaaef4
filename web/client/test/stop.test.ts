import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Chainmail } from '@chainmail/client';
import { eventually, makeClient, phase } from './client';
import { room, said } from './frames';
import { type Scripted, type Session, startScripted } from './scripted';

let server: Scripted;

beforeEach(async () => {
	server = await startScripted();
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(async () => {
	await server.stop();
	vi.useRealTimers();
});

let requests = 0;

/** unanswered is a fetch that ends with its signal alone: the platform's has timers of its own, which would be counted. */
function unanswered(_: RequestInfo | URL, { signal }: RequestInit = {}): Promise<Response> {
	requests += 1;
	return new Promise((_, reject) => signal?.addEventListener('abort', () => {
		requests -= 1;
		reject(signal.reason);
	}));
}

/** counted is a place whose listeners are counted. */
function counted(): { place: EventTarget; count(): number } {
	const place = new EventTarget();
	let listeners = 0;
	return {
		place: Object.assign(place, {
			addEventListener: () => void (listeners += 1),
			removeEventListener: () => void (listeners -= 1),
		}),
		count: () => listeners,
	};
}

const moments: [string, (client: Chainmail, session: Promise<Session>) => Promise<unknown>][] = [
	['while it connects', async () => undefined],
	['while it catches up', async (client, session) => {
		(await session).welcome();
		await phase(client, 'catching_up');
	}],
	['while it waits for the next attempt', async (client, session) => {
		(await session).cut();
		await phase(client, 'offline');
	}],
	['while lists load', async (client, session) => {
		(await session).live();
		await phase(client, 'live');
		await eventually(() => requests > 0);
	}],
	['while the server wants no messages, receipts, questions or subscriptions', async (client, session) => {
		const { live, send, next } = await session;
		live();
		await phase(client, 'live');
		await client.send({ conversationId: room }, 'hello');
		client.watch('task:1');
		send(said(2), said(4));
		for (let left = 4; left > 0; left -= 1) {
			const frame = await next();
			const name = frame.type === 'chat_message' ? { client_message_id: frame.client_message_id ?? '' } : { ref: frame.ref };
			send({ type: 'error', code: 'rate_limited', message: '', retry_after: 60, ...name });
		}
		send({ type: 'heartbeat', position: 105, timestamp: '' });
		const beat = new Promise((resolve) => client.on('heartbeat', resolve));
		await beat;
	}],
	['after it has ended', async (client, session) => {
		(await session).close(1008, 'session ended');
		await phase(client, 'ended');
	}],
];

test.each(moments)('stop leaves nothing %s', async (_, until) => {
	const [window, document] = [counted(), counted()];
	const client = makeClient({ ...server, fetch: unanswered }, {
		surroundings: { window: window.place, document: Object.assign(document.place, { visibilityState: 'visible' }) },
	});
	client.start();
	client.start(); // twice does nothing
	expect(window.count() + document.count()).toBe(3);
	const session = server.session();
	await until(client, session);
	const stopped = client.stop();
	expect(client.connection()).toMatchObject({ phase: 'stopped', reason: null, retryAt: null });
	await stopped;
	expect(window.count() + document.count() + requests).toBe(0);
	await eventually(() => server.open() === 0 && vi.getTimerCount() === 0); // the server's own timers end with its sockets
});

test('stop leaves nothing while a token is asked for', async () => {
	let give: (token: string) => void = () => undefined;
	const client = makeClient({ ...server, fetch: unanswered, token: () => new Promise((resolve) => (give = resolve)) });
	client.start();
	const failed = expect(client.api.me()).rejects.toMatchObject({ code: 'unreachable' });
	await client.stop();
	give('late');
	await failed;
	expect(requests + server.connections() + vi.getTimerCount()).toBe(0);
});

test('stop does not wait for a storage that does not answer', async () => {
	let answer: () => void = () => undefined;
	const late = new Promise<void>((resolve) => (answer = resolve));
	const client = makeClient({ ...server, fetch: unanswered, storage: { load: async () => [], put: () => late, remove: () => late, close() {} } });
	client.start();
	const session = await server.session();
	session.live();
	session.send(said(2));
	await session.next(); // its delivery is being stored
	let stopped = false;
	void client.stop().then(() => (stopped = true));
	await eventually(() => {
		vi.advanceTimersByTime(100);
		return stopped;
	});
	answer();
});

test('stop does not wait for a server that does not answer', async () => {
	const client = makeClient({ ...server, fetch: unanswered });
	client.start();
	const session = await server.session();
	session.live();
	await phase(client, 'live');
	session.deafen();
	const stopped = client.stop();
	await vi.advanceTimersByTimeAsync(2_000);
	await stopped;
	expect(client.connection().phase).toBe('stopped');
});

test.each(['is live', 'connects'])('start right after stop is a new life, while it %s', async (moment) => {
	const client = makeClient(server);
	client.start();
	if (moment === 'is live') {
		(await server.session()).live();
		await phase(client, 'live');
	}
	const stopped = client.stop();
	client.start();
	const session = await server.session();
	session.live();
	await phase(client, 'live');
	await stopped;
	const key = await client.send({ conversationId: room }, 'hello');
	expect(await session.next()).toMatchObject({ client_message_id: key });
});

test('stop called twice resolves twice when all is gone', async () => {
	const client = makeClient({ ...server, fetch: unanswered });
	client.start();
	const session = await server.session();
	session.live();
	await phase(client, 'live');
	session.deafen();
	const stopped: string[] = [];
	const both = Promise.all([client.stop().then(() => stopped.push('first')), client.stop().then(() => stopped.push('second'))]);
	await vi.advanceTimersByTimeAsync(1_999);
	expect(stopped).toEqual([]);
	await vi.advanceTimersByTimeAsync(1);
	await both;
});
