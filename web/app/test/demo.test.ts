// @vitest-environment jsdom
import { SignedOut } from '@chainmail/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { linkSession, takeLink } from '../src/session/demo';

const now = Date.UTC(2026, 0, 1);
const token = (exp: unknown): string => `e30.${btoa(JSON.stringify({ sub: 'a?>', exp })).replaceAll('+', '-').replaceAll('/', '_')}.sig`;

beforeEach(() => {
	vi.useFakeTimers({ now });
	sessionStorage.clear();
	localStorage.clear();
});
afterEach(() => vi.useRealTimers());

function open(hash: string): boolean {
	history.replaceState(null, '', `/${hash}`);
	return takeLink();
}

test('the token leaves the address at once, and is kept for this tab alone', async () => {
	const steps = history.length;
	expect(open('#token=abc.def.ghi&with=bob')).toBe(true);
	expect(location.hash).toBe('#/chats/u/bob');
	expect(history.length).toBe(steps);
	expect(await linkSession()?.token('connect')).toBe('abc.def.ghi');
	expect(localStorage).toHaveLength(0);
});

test('without a peer the chats open', () => {
	open('#token=abc');
	expect(location.hash).toBe('#/chats');
});

test('another address is left alone', () => {
	expect(open('#/inbox')).toBe(false);
	expect(location.hash).toBe('#/inbox');
	expect(linkSession()).toBeNull();
});

test('a later link takes the place of the first', async () => {
	open('#token=one');
	open('#token=two');
	expect(await linkSession()?.token('request')).toBe('two');
});

test('signing out forgets it', async () => {
	open('#token=abc');
	await linkSession()?.signOut();
	expect(linkSession()).toBeNull();
});

test.each([
	['expired', now / 1000 - 1, true],
	['in its last minute', now / 1000 + 60, false],
	['of a server whose clock is ahead of ours', now / 1000 + 3600, true],
	['without a date', undefined, true],
])('a token %s that is to be renewed', async (_, exp, over) => {
	open(`#token=${token(exp)}`);
	const refusal = await linkSession()?.token('renew').catch((error: unknown) => error);
	expect(refusal instanceof SignedOut).toBe(over);
	expect(refusal).toBeInstanceOf(Error);
});
