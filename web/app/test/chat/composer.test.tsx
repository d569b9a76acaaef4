// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { createRef } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Composer } from '../../src/chat/Composer';
import { byteLimit } from '../../src/chat/length';
import { giveBack, keepText, unfinishedText } from '../../src/chat/unfinished';

let touch = false;
const send = vi.fn<(words: string) => void>();
const typing = vi.fn<(isTyping: boolean) => void>();

beforeEach(() => {
	touch = false;
	// jsdom has no matchMedia.
	vi.stubGlobal('matchMedia', (query: string) => ({ matches: touch && query === '(pointer: coarse)' }));
});
afterEach(() => {
	cleanup();
	vi.unstubAllGlobals();
	vi.clearAllMocks();
	for (const key of ['u/bob', 'c/group']) keepText(key, '');
});

function show(key = 'u/bob') {
	return render(<Composer key={key} area={createRef()} textKey={key} send={send} typing={typing} />);
}

function area(): HTMLTextAreaElement {
	return screen.getByLabelText<HTMLTextAreaElement>('Message');
}

function write(text: string): void {
	fireEvent.change(area(), { target: { value: text } });
}

test('Enter sends exactly what was written, and empties the composer', () => {
	show();
	write('  two\n\nlines ');
	fireEvent.keyDown(area(), { key: 'Enter' });
	expect(send.mock.calls).toEqual([['  two\n\nlines ']]);
	expect(area().value).toBe('');
});

test('Shift and Enter, and Enter while an input method composes, send nothing', () => {
	show();
	write('にほ');
	fireEvent.keyDown(area(), { key: 'Enter', shiftKey: true });
	fireEvent.keyDown(area(), { key: 'Enter', isComposing: true });
	fireEvent.keyDown(area(), { key: 'Enter', keyCode: 229 }); // Safari, whose composition has just ended
	expect(send).not.toHaveBeenCalled();
});

test('on a phone Enter makes a line, the button sends, and the keyboard is not opened unasked', () => {
	touch = true;
	show();
	expect(document.activeElement).not.toBe(area());
	write('hello');
	expect(fireEvent.keyDown(area(), { key: 'Enter' })).toBe(true); // nothing prevents the line
	expect(send).not.toHaveBeenCalled();
	fireEvent.click(screen.getByRole('button', { name: 'Send' }));
	expect(send.mock.calls).toEqual([['hello']]);
});

test('what is too long is kept, counted and not sent', () => {
	show();
	write('ü'.repeat(byteLimit / 2) + 'ab');
	fireEvent.keyDown(area(), { key: 'Enter' });
	expect(send).not.toHaveBeenCalled();
	expect(screen.getByRole('alert').textContent).toBe('2 bytes too long');
	expect(area().getAttribute('aria-invalid')).toBe('true');
	write('a'.repeat(byteLimit - 10));
	expect(screen.getByText('10 bytes left')).toBeTruthy();
});

test('each conversation keeps its own text, over a change and a reload', () => {
	const first = show('u/bob');
	write('to Bob');
	first.unmount();
	const second = show('c/group');
	expect(area().value).toBe('');
	write('to the group');
	second.unmount();
	show('u/bob');
	expect(area().value).toBe('to Bob');
	expect(sessionStorage.getItem('chainmail.text.c/group')).toBe('to the group');
});

test('words that could not be sent come back to their conversation, before what was begun since', () => {
	show('c/group');
	write('something else');
	giveBack('u/bob', 'lost?');
	giveBack('u/bob', 'earlier');
	expect(area().value).toBe('something else');
	expect(unfinishedText('u/bob')).toBe('earlier\n\nlost?');
});

test('typing is told, and its end by sending and by leaving', () => {
	const shown = show();
	write('a');
	fireEvent.keyDown(area(), { key: 'Enter' });
	write('b');
	shown.unmount();
	expect(typing.mock.calls).toEqual([[true], [false], [true], [false]]);
});
