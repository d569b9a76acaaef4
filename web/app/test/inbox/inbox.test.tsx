// @vitest-environment jsdom
import type { Chainmail, Note } from '@chainmail/client';
import { ChainmailProvider } from '@chainmail/react';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InboxView } from '../../src/inbox/InboxView';

beforeEach(() => vi.stubGlobal('IntersectionObserver', class { // jsdom has none; nobody scrolls here
	observe(): void {}
	disconnect(): void {}
}));
afterEach(() => {
	cleanup();
	vi.unstubAllGlobals();
});

function note(id: string, read: boolean): Note {
	const createdAt = '2026-03-01T10:00:00Z';
	return { id, type: 'payout', title: id, message: '', link: null, createdAt, position: 1, read };
}

/** A client whose inbox has these pages, of which the first is loaded. */
function inbox(...pages: readonly (readonly Note[])[]) {
	let loaded = 1;
	let notes = pages[0] ?? [];
	const listeners = new Set<() => void>();
	const read: string[] = [];
	const change = (next: readonly Note[]): void => {
		notes = next;
		listeners.forEach((listener) => listener());
	};
	const client = {
		start: () => undefined, stop: async () => undefined,
		subscribe(listener: () => void) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		notes: () => notes,
		async readNote(id: string) {
			read.push(id);
			change(notes.map((each) => each.id === id ? { ...each, read: true } : each));
		},
		async loadOlderNotes() {
			change([...notes, ...pages[loaded] ?? []]);
			return ++loaded < pages.length;
		},
	};
	return { read, client: client as unknown as Chainmail };
}

test('all are marked as read, those too that were not loaded yet', async () => {
	const first = [note('a', false), note('b', true)];
	const { client, read } = inbox(first, [note('c', false)], [note('d', true), note('e', false)]);
	render(<ChainmailProvider client={client}><InboxView /></ChainmailProvider>);
	expect(screen.getByRole('status').textContent).toBe('1 unread');
	await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Mark all as read' })));
	expect(read).toEqual(['a', 'c', 'e']);
	expect(screen.getByRole('status').textContent).toBe('All read');
});
