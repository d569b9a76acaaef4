// @vitest-environment jsdom
import { SignedOut, Trouble } from '@chainmail/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Session } from '../src/session/session';
import { keepTokens, readTokens } from '../src/session/tokens';
import { type Locks, walletSession } from '../src/session/wallet';
import { type LoginServer, startLoginServer } from './loginServer';

/** oneAtATime is what Web Locks do among the tabs of a browser. jsdom has none. */
function oneAtATime(): Locks {
	let last: Promise<unknown> = Promise.resolve();
	const request = (_name: string, _options: LockOptions, run: () => Promise<unknown>): Promise<unknown> => {
		const mine = last.then(run);
		last = mine.catch(() => undefined);
		return mine;
	};
	return { request } as unknown as Locks;
}

let server: LoginServer;
let locks: Locks;
const open: Session[] = [];

function tab(): Session {
	const session = walletSession(locks);
	if (session === null) throw new Error('there are no tokens');
	open.push(session);
	return session;
}

beforeEach(() => {
	vi.useFakeTimers();
	localStorage.clear();
	locks = oneAtATime();
	server = startLoginServer({ graceful: false });
	keep();
});
afterEach(() => {
	for (const session of open.splice(0)) session.close();
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

function keep(): void {
	keepTokens(server.first() as Parameters<typeof keepTokens>[0]);
}

test('without tokens there is no session', () => {
	localStorage.clear();
	expect(walletSession(locks)).toBeNull();
	localStorage.setItem('chainmail.session', '{"userId":7');
	expect(walletSession(locks)).toBeNull();
});

test('the token at hand is handed out, and another one only when it is about to expire', async () => {
	const session = tab();
	expect(await session.token('connect')).toBe('access-1');
	vi.advanceTimersByTime(869_000);
	expect(await session.token('request')).toBe('access-1');
	vi.advanceTimersByTime(2_000);
	expect(await session.token('request')).toBe('access-2');
	expect(server.refreshes).toEqual(['refresh-1']);
});

test('several tabs whose token expires at once renew it once', async () => {
	const tabs = [tab(), tab(), tab()];
	for (const session of tabs) await session.token('connect');
	const tokens = await Promise.all(tabs.map((session) => session.token('renew')));
	expect(tokens).toEqual(['access-2', 'access-2', 'access-2']);
	expect(server.refreshes).toEqual(['refresh-1']);
});

test('several calls in one tab renew once', async () => {
	const session = tab();
	await session.token('connect');
	expect(await Promise.all([session.token('renew'), session.token('renew')])).toEqual(['access-2', 'access-2']);
	expect(server.refreshes).toHaveLength(1);
});

test('one renewal after another takes the newest refresh token', async () => {
	const session = tab();
	await session.token('connect');
	for (const want of ['access-2', 'access-3', 'access-4']) expect(await session.token('renew')).toBe(want);
	expect(server.refreshes).toEqual(['refresh-1', 'refresh-2', 'refresh-3']);
});

test('an answer that got lost is asked for again, while the old refresh token is still good', async () => {
	server = startLoginServer({ graceful: true });
	keep();
	server.faults.push('lost', 'busy');
	const session = tab();
	await session.token('connect');
	const renewed = session.token('renew');
	await vi.advanceTimersByTimeAsync(9_000);
	expect(await renewed).toBe('access-3');
	expect(server.refreshes).toEqual(['refresh-1', 'refresh-1', 'refresh-1']);
});

test('a server that stays away is no sign-out', async () => {
	server.faults.push('busy', 'busy', 'busy', 'busy');
	const session = tab();
	await session.token('connect');
	const renewed = session.token('renew').catch((error: unknown) => error);
	await vi.advanceTimersByTimeAsync(9_000);
	expect(await renewed).toBeInstanceOf(Trouble);
	expect(readTokens()).not.toBeNull();
	expect(await session.token('renew')).toBe('access-2');
});

test('a refused refresh token is the end of the session, in all tabs', async () => {
	const [one, other] = [tab(), tab()];
	for (const session of [one, other]) await session.token('connect');
	keepTokens({ ...server.first(), refresh_token: 'an old copy' } as Parameters<typeof keepTokens>[0]);
	await one.token('request');
	await expect(one.token('renew')).rejects.toThrow(/used twice/);
	expect(readTokens()).toBeNull();
	await expect(other.token('renew')).rejects.toBeInstanceOf(SignedOut);
	expect(server.refreshes).toHaveLength(1);
});

test('signing out tells the server and ends the session in all tabs', async () => {
	const [one, other] = [tab(), tab()];
	await one.signOut();
	expect(server.logouts).toEqual(['refresh-1']);
	expect(readTokens()).toBeNull();
	await expect(other.token('request')).rejects.toBeInstanceOf(SignedOut);
	await other.signOut();
	expect(server.logouts).toHaveLength(1);
});

test('signing out while a renewal is under way ends what the renewal brought', async () => {
	const [one, other] = [tab(), tab()];
	await one.token('connect');
	const renewed = one.token('renew');
	await other.signOut();
	await renewed;
	expect(server.logouts).toEqual(['refresh-2']);
	expect(readTokens()).toBeNull();
});

test('a tab never takes the tokens of somebody else who has signed in since', async () => {
	const session = tab();
	keepTokens({ ...server.first(), user: { id: 'bob' } } as Parameters<typeof keepTokens>[0]);
	await expect(session.token('request')).rejects.toThrow(/somebody else/i);
	await session.signOut();
	expect(readTokens()?.userId).toBe('bob');
	expect(server.logouts).toEqual([]);
});

test('a closed tab waits for nothing more', async () => {
	server.faults.push('busy');
	const session = tab();
	await session.token('connect');
	const renewed = session.token('renew').catch((error: unknown) => error);
	await vi.advanceTimersByTimeAsync(100);
	session.close();
	expect(await renewed).toHaveProperty('name', 'AbortError');
	expect(vi.getTimerCount()).toBe(0);
});
