// @vitest-environment jsdom
import type { Conversation } from '@chainmail/client';
import { cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useDivider } from '../../src/chat/useDivider';
import { bob, conversation, draft, me, message } from './entries';

const at = new Date(2026, 2, 1, 12).toISOString();
let focused = true;

beforeEach(() => {
	focused = true;
	vi.spyOn(document, 'hasFocus').mockImplementation(() => focused);
});
afterEach(() => {
	cleanup();
	vi.restoreAllMocks();
});

/** talk is a conversation of messages by these senders, seq 2 onwards. */
function talk(...senders: readonly string[]): Conversation {
	return conversation(senders.map((sender, i) => message(i + 2, sender, at)));
}

function open(first: Conversation) {
	const hook = renderHook(({ shown, atEnd }) => useDivider(shown, me, atEnd), { initialProps: { shown: first, atEnd: true } });
	return { now: () => hook.result.current, show: (shown: Conversation, atEnd = true) => hook.rerender({ shown, atEnd }) };
}

test('an opened conversation is divided where its unread messages begin, also when these are loaded later', () => {
	const all = talk(bob, bob, me, bob, bob);
	const { now, show } = open({ ...all, entries: all.entries.slice(3), unread: 3 });
	expect(now().firstNew).toBeNull();
	show({ ...all, unread: 0 });
	expect(now().firstNew).toBe('message-3');
});

test('what comes while he looks is not new; what comes while he is away is', () => {
	const { now, show } = open(talk(bob));
	show(talk(bob, bob));
	expect(now().firstNew).toBeNull();
	focused = false;
	show(talk(bob, bob, bob));
	show(talk(bob, bob, bob, bob));
	expect(now().firstNew).toBe('message-4');
	focused = true;
	show(talk(bob, bob, bob, bob, bob));
	expect(now().firstNew).toBe('message-4');
});

test('what comes below while he reads above is counted until he is at the end', () => {
	const { now, show } = open(talk(bob));
	show(talk(bob, bob, me, bob), false);
	expect(now()).toEqual({ firstNew: 'message-3', behind: 2 });
	show(talk(bob, bob, me, bob), true);
	expect(now()).toEqual({ firstNew: 'message-3', behind: 0 });
});

test('the line goes when he writes, and a held draft does not keep it away', () => {
	const { now, show } = open({ ...talk(bob), unread: 1 });
	expect(now().firstNew).toBe('message-2');
	show({ ...talk(bob), drafts: [draft('a', at)] });
	expect(now().firstNew).toBeNull();
	const held = draft('a', at, { status: 'blocked' });
	show({ ...talk(bob), drafts: [held] });
	focused = false;
	show({ ...talk(bob, bob), drafts: [held] });
	expect(now().firstNew).toBe('message-3');
});
