// @vitest-environment jsdom
import { Trouble } from '@chainmail/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Provider } from '../src/login/providers';
import { explain, signIn } from '../src/login/signIn';
import { readTokens } from '../src/session/tokens';

const address = '0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const text = 'chat.example wants you to sign in with your Ethereum account:\n…';

let calls: { path: string; body: Record<string, string> }[];

beforeEach(() => {
	calls = [];
	localStorage.clear();
	vi.stubGlobal('fetch', async (path: string, init: { body: string }) => {
		calls.push({ path, body: JSON.parse(init.body) as Record<string, string> });
		if (path.endsWith('nonce')) return Response.json({ nonce: 'n', message: text });
		return Response.json({ access_token: 'a', refresh_token: 'r', token_type: 'Bearer', expires_in: 900, user: { id: 'alice' } });
	});
});
afterEach(() => vi.unstubAllGlobals());

function wallet(answers: Record<string, unknown>): Provider & { asked: unknown[] } {
	const asked: unknown[] = [];
	return {
		asked,
		async request(call) {
			asked.push(call);
			const answer = answers[call.method];
			if (answer instanceof Error) throw answer;
			return answer;
		},
	};
}

test('account, nonce, signature, tokens: in this order', async () => {
	const provider = wallet({ eth_requestAccounts: [address], personal_sign: '0x5167' });
	const steps: string[] = [];
	await signIn(provider, (step) => steps.push(step));
	expect(steps).toEqual(['account', 'signature', 'server']);
	expect(calls).toEqual([
		{ path: '/api/auth/nonce', body: { address: address.toLowerCase() } },
		{ path: '/api/auth/login', body: { message: text, signature: '0x5167' } },
	]);
	const hex = `0x${Buffer.from(text, 'utf8').toString('hex')}`;
	expect(provider.asked[1]).toEqual({ method: 'personal_sign', params: [hex, address] });
	expect(readTokens()).toMatchObject({ userId: 'alice', accessToken: 'a', refreshToken: 'r' });
});

test('who declines stays signed out, and is told so kindly', async () => {
	const declined = Object.assign(new Error('User rejected the request.'), { code: 4001 });
	const failed = await signIn(wallet({ eth_requestAccounts: [address], personal_sign: declined }), () => undefined).catch((error: unknown) => error);
	expect(explain(failed)).toMatch(/You declined/);
	expect(readTokens()).toBeNull();
});

test('a wallet without an account', async () => {
	const failed = await signIn(wallet({ eth_requestAccounts: [] }), () => undefined).catch((error: unknown) => error);
	expect(explain(failed)).toMatch(/no account yet/);
});

test('a server that is away', async () => {
	vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
	const failed = await signIn(wallet({ eth_requestAccounts: [address] }), () => undefined).catch((error: unknown) => error);
	expect(explain(failed)).toMatch(/cannot be reached/);
});

test('what is no Chainmail', async () => {
	vi.stubGlobal('fetch', async () => new Response('<html>', { status: 200 }));
	const failed = await signIn(wallet({ eth_requestAccounts: [address] }), () => undefined).catch((error: unknown) => error);
	expect(explain(failed)).toMatch(/no answer that this page understands/);
});

describe('refusals in words', () => {
	const refused = (status: number, retryAfter: number | null = null): Trouble =>
		new Trouble({ code: 'x', message: 'nonce unknown', field: null, retryAfter, status });
	test.each([
		[refused(401), /did not accept the signature: nonce unknown/],
		[refused(403), /takes no new ones/],
		[refused(404), /does not take wallets/],
		[refused(429, 12.2), /Wait 13 seconds/],
		[refused(429), /Wait a minute/],
		[refused(503), /busy/],
		[{ code: -32002, message: 'pending' }, /already asking/],
		[{ code: 4901, message: 'chain' }, /another network/],
		[{ code: -32603, message: 'internal' }, /could not do it/],
		['what', /could not do it/],
	])('%o', (error, words) => expect(explain(error)).toMatch(words));
});
