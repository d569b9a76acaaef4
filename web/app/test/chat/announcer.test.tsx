// @vitest-environment jsdom
import type { Chainmail, Draft, TypedError, WarningFrame } from '@chainmail/client';
import { ChainmailProvider } from '@chainmail/react';
import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { Announcer } from '../../src/chat/Announcer';
import { draft } from './entries';

afterEach(cleanup);

const at = '2026-03-01T12:00:00Z';
const warning: WarningFrame = {
	type: 'warning', code: 'message_blocked', message: 'Your message was not sent. It tells of a prize.', message_id: 'm', client_message_id: 'a',
	risk_score: 0.9, reasons: ['prize'], position: 7,
};
const problem: TypedError = { code: 'forbidden', message: 'you are blocked', field: null, retryAfter: null, status: null };

/** listen returns what a screen reader hears while the drafts change. */
function listen(first: readonly Draft[]) {
	const client = { start: () => undefined, stop: async () => undefined, subscribe: () => () => undefined, on: () => () => undefined };
	const face = (drafts: readonly Draft[]) => (
		<ChainmailProvider client={client as unknown as Chainmail}><Announcer conversationId="c" drafts={drafts} userId="user-me" /></ChainmailProvider>
	);
	const { rerender } = render(face(first));
	return { show: (drafts: readonly Draft[]) => rerender(face(drafts)), heard: () => screen.getByRole('status').textContent };
}

test('a message that is kept back or refused is told, each time anew', () => {
	const { show, heard } = listen([]);
	show([draft('a', at)]);
	expect(heard()).toBe('');
	show([draft('a', at, { status: 'blocked', warning })]);
	expect(heard()).toBe(warning.message);
	show([draft('b', at)]);
	expect(heard()).toBe('');
	show([draft('b', at, { status: 'refused', problem })]);
	expect(heard()).toBe('Your message was not sent: you are blocked');
});

test('what is erased is not left for a screen reader to find', () => {
	vi.useFakeTimers();
	const listeners = new Map<string, (frame: unknown) => void>();
	const client = {
		start: () => undefined, stop: async () => undefined, subscribe: () => () => undefined, person: () => undefined,
		on: (name: string, listener: (frame: unknown) => void) => {
			listeners.set(name, listener);
			return () => undefined;
		},
	};
	render(<ChainmailProvider client={client as unknown as Chainmail}><Announcer conversationId="c" drafts={[]} userId="user-me" /></ChainmailProvider>);
	listeners.get('chat_message')?.({ conversation_id: 'c', sender_id: 'user-b', content: 'a slip' });
	act(() => void vi.runAllTimers());
	expect(screen.getByRole('status').textContent).toBe('Somebody: a slip');
	act(() => listeners.get('message_erased')?.({ conversation_id: 'c', message_id: 'm' }));
	expect(screen.getByRole('status').textContent).toBe('');
	vi.useRealTimers();
});

test('what was held before is not told again when the conversation is opened', () => {
	const { show, heard } = listen([draft('a', at, { status: 'blocked', warning })]);
	show([draft('a', at, { status: 'blocked', warning }), draft('b', at)]);
	expect(heard()).toBe('');
});
