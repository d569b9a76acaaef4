import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Api, SignedOut } from '@chainmail/client';
import { makeClient } from './client';
import { type Scripted, startScripted } from './scripted';

let server: Scripted;

beforeEach(async () => {
	server = await startScripted();
});
afterEach(() => server.stop());

const problem = (status: number, fields: object) => ({
	status, headers: { 'Content-Type': 'application/problem+json' }, body: { type: 'about:blank', title: '', status, ...fields },
});
const page = { items: [], next_cursor: null };

describe('an answer', () => {
	test('says up to where it shows the log', async () => {
		server.answer('GET /api/conversations', () => ({ headers: { 'Chainmail-Position': '4711' }, body: page }));
		const { api } = makeClient(server);
		expect(await api.conversations('next', 4700)).toEqual({ value: page, position: 4711 });
		expect(server.requests[0]).toMatchObject({
			headers: { authorization: 'Bearer token', 'chainmail-min-position': '4700' },
		});
		expect(server.requests[0]?.url.search).toBe('?cursor=next');
	});

	test('of notifications is as long as the server makes one: what is not read is counted by it', async () => {
		await makeClient(server).api.notifications();
		expect(server.requests[0]?.url.search).toBe('?limit=200');
	});

	test.each([
		['DELETE /api/blocks/b', 'GET /api/blocks', (api: Api) => api.unblock('b'), (api: Api) => api.blocks()],
		['DELETE /api/sessions/s', 'GET /api/sessions', (api: Api) => api.endSession('s'), (api: Api) => api.sessions()],
		['POST /api/guard/blocked/m/release', 'GET /api/guard/blocked', (api: Api) => api.releaseMessage('m'), (api: Api) => api.blockedMessages()],
	] as const)('shows what %s has changed', async (write, read, change, list) => {
		server.answer(write, () => ({ headers: { 'Chainmail-Position': '4711' }, body: {} }));
		server.answer(read, () => ({ body: page }));
		const { api } = makeClient(server);
		await change(api);
		await list(api);
		expect(server.requests[1]?.headers['chainmail-min-position']).toBe('4711');
	});

	test('may be empty', async () => {
		server.answer('DELETE /api/sessions/s', () => ({ status: 204 }));
		expect(await makeClient(server).api.endSession('s')).toBeUndefined();
	});
});

describe('what is made', () => {
	test.each([
		['POST /api/conversations', (api: Api, title: string) => api.startConversation(['b'], title)],
		['POST /api/projects', (api: Api, title: string) => api.createProject(title)],
		['POST /api/tasks', (api: Api, title: string) => api.createTask('p', 'f', title)],
		['POST /api/announcements', (api: Api, title: string) => api.announce(title, 'words')],
	] as const)('%s is made once, however often the answer was lost', async (call, make) => {
		let lost = true;
		server.answer(call, () => (lost ? { status: 502, body: 'gone' } : { status: 201, body: {} }));
		const { api } = makeClient(server);
		await expect(make(api, 'Oak')).rejects.toThrow();
		await expect(make(api, 'Elm')).rejects.toThrow();
		lost = false;
		await make(api, 'Oak');
		await make(api, 'Oak'); // another of the same name
		const [oak, elm, again, another] = server.requests.map(({ headers }) => headers['idempotency-key']);
		expect(again).toBe(oak);
		expect(new Set([oak, elm, another]).size).toBe(3);
	});
});

describe('trouble', () => {
	test.each([
		['problem details', problem(409, { code: 'conflict', detail: 'It is done.', field: 'status' }), { code: 'conflict', message: 'It is done.', field: 'status', retryAfter: null, status: 409 }],
		['a limit', problem(429, { code: 'rate_limited', detail: 'Wait.', retry_after: 1.5 }), { code: 'rate_limited', retryAfter: 1.5 }],
		['503 with Retry-After', { status: 503, headers: { 'Retry-After': '7' }, body: 'busy' }, { code: 'unexpected', retryAfter: 7, status: 503 }],
		['a proxy\'s page', { status: 502, headers: { 'Content-Type': 'text/html' }, body: '<h1>Bad Gateway</h1>' }, { code: 'unexpected', retryAfter: null, status: 502 }],
		['an answer that is no JSON', { body: '<h1>Welcome</h1>' }, { code: 'unexpected', status: 200 }],
	])('%s', async (_, reply, trouble) => {
		server.answer('GET /api/me', () => reply);
		await expect(makeClient(server).api.me()).rejects.toMatchObject({ name: 'Trouble', ...trouble });
	});

	test('no server', async () => {
		const { api } = makeClient({ url: 'http://127.0.0.1:1' });
		await expect(api.me()).rejects.toMatchObject({ code: 'unreachable', status: null });
	});

	test('no answer within 15 s', async () => {
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		const asked = new Promise<void>((resolve) => server.answer('GET /api/me', () => {
			resolve();
			return new Promise(() => undefined);
		}));
		const failed = expect(makeClient(server).api.me()).rejects.toMatchObject({ code: 'unreachable' });
		await asked;
		await vi.advanceTimersByTimeAsync(15_000);
		await failed;
		vi.useRealTimers();
	});

	test('a client that stops', async () => {
		const client = makeClient(server);
		const asked = new Promise<void>((resolve) => server.answer('GET /api/me', () => {
			resolve();
			return new Promise(() => undefined);
		}));
		const failed = expect(client.api.me()).rejects.toMatchObject({ code: 'unreachable', message: 'The client was stopped.' });
		await asked;
		await Promise.all([client.stop(), failed]);
	});
});

describe('tokens', () => {
	test('an expired one is renewed, once for all who ask', async () => {
		let renewals = 0;
		server.answer('GET /api/me', ({ headers }) => headers.authorization === 'Bearer new'
			? { body: { id: 'me' } } : problem(401, { code: 'unauthenticated', detail: 'token expired' }));
		const { api } = makeClient({ ...server, token: async (need) => {
			if (need === 'renew') renewals += 1;
			return need === 'renew' ? 'new' : 'old';
		} });
		expect(await Promise.all([api.me(), api.me(), api.me()])).toEqual([{ id: 'me' }, { id: 'me' }, { id: 'me' }]);
		expect(renewals).toBe(1);
	});

	test('one that is refused twice is trouble', async () => {
		server.answer('GET /api/me', () => problem(401, { code: 'unauthenticated', detail: 'token expired' }));
		await expect(makeClient(server).api.me()).rejects.toMatchObject({ code: 'unauthenticated' });
		expect(server.requests).toHaveLength(2);
	});

	test('whoever is signed out is told so', async () => {
		const { api } = makeClient({ ...server, token: async () => { throw new SignedOut(); } });
		await expect(api.me()).rejects.toBeInstanceOf(SignedOut);
	});

	test('the log\'s own claims are asked for without one', async () => {
		server.answer('GET /checkpoint', () => ({ body: 'note' }));
		const { api } = makeClient({ ...server, token: async () => { throw new SignedOut(); } });
		expect(await api.checkpoint()).toBe('note');
		expect(server.requests[0]?.headers.authorization).toBeUndefined();
	});
});
