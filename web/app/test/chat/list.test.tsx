// @vitest-environment jsdom
import type { Chainmail, Conversation } from '@chainmail/client';
import { ChainmailProvider } from '@chainmail/react';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ConversationList } from '../../src/chat/ConversationList';
import { conversation } from './entries';

// jsdom lays nothing out: the view is ten lines high.
beforeEach(() => {
	vi.stubGlobal('ResizeObserver', class {
		observe(): void {}
		unobserve(): void {}
	});
	vi.stubGlobal('requestAnimationFrame', (drawn: () => void) => void queueMicrotask(drawn));
	vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(720);
	vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockReturnValue(100_000);
});
afterEach(() => {
	cleanup();
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

function show(count: number): void {
	const conversations = Array.from({ length: count }, (_, i): Conversation => (
		{ ...conversation([]), id: `c${i}`, title: `Group ${i}` }
	));
	const connection = { phase: 'live' };
	const client = {
		start: () => undefined, stop: async () => undefined, subscribe: () => () => undefined, userId: () => 'user-me',
		connection: () => connection, conversations: () => conversations, person: () => undefined,
	} as unknown as Chainmail;
	render(<ChainmailProvider client={client}><ConversationList selected={null} /></ChainmailProvider>);
}

const focused = (): string | undefined => /Group \d+/.exec(document.activeElement?.textContent ?? '')?.[0];

async function press(key: string): Promise<void> {
	await act(async () => void fireEvent.keyDown(document.activeElement ?? document.body, { key }));
}

test('keys lead through a list of which a few lines are in the document, to its very end and back', async () => {
	show(500);
	expect(document.querySelectorAll('a').length).toBeLessThan(30);
	act(() => screen.getByLabelText('Search chats and people').focus());
	await press('ArrowDown');
	expect(focused()).toBe('Group 0');
	for (let i = 0; i < 30; i++) await press('ArrowDown');
	expect(focused()).toBe('Group 30');
	await press('End');
	expect(focused()).toBe('Group 499');
	await press('ArrowUp');
	expect(focused()).toBe('Group 498');
	await press('Home');
	expect(focused()).toBe('Group 0');
});

test('the line that has the focus stays in the document, however far the list is scrolled', async () => {
	show(500);
	act(() => screen.getByLabelText('Search chats and people').focus());
	await press('ArrowDown');
	const scroller = document.querySelector('ul')?.parentElement;
	if (!scroller) throw new Error('no list');
	scroller.scrollTop = 20_000;
	act(() => void scroller.dispatchEvent(new Event('scroll')));
	expect(screen.getByText('Group 280')).toBeTruthy();
	expect(focused()).toBe('Group 0');
});
