import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReader, readingPause, unreadAmong } from '../../src/chat/reading';
import { createTypist } from '../../src/chat/typist';
import { buildRows } from '../../src/chat/rows';
import { bob, change, conversation, draft, me, message } from './entries';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

test('only messages of others that have words are read', () => {
	const at = new Date(2026, 2, 1, 12).toISOString();
	const rows = buildRows(conversation([
		message(2, bob, at), message(3, me, at), change(4, bob, at), message(5, bob, at, { erased: true, content: null }), message(6, bob, at),
	], [draft('a', at)]), me, null);
	expect(unreadAmong(rows, 0, rows.length, me)).toEqual(['message-2', 'message-6']);
	expect(unreadAmong(rows, 2, 3, me)).toEqual([]);
});

test('what is seen is told together, each once', () => {
	const read = vi.fn<(ids: readonly string[]) => void>();
	const reader = createReader(() => true, read);
	reader.see(['a', 'b']);
	reader.see(['b', 'c']);
	expect(read).not.toHaveBeenCalled();
	vi.advanceTimersByTime(readingPause);
	expect(read.mock.calls).toEqual([[['a', 'b', 'c']]]);
	reader.see(['a', 'c']);
	vi.advanceTimersByTime(readingPause);
	expect(read).toHaveBeenCalledTimes(1);
});

test('nothing is read while nobody looks; what is in sight is, when somebody does', () => {
	const read = vi.fn<(ids: readonly string[]) => void>();
	let attentive = false;
	const reader = createReader(() => attentive, read);
	reader.see(['a']);
	reader.see(['b']);
	vi.advanceTimersByTime(readingPause);
	expect(read).not.toHaveBeenCalled();
	attentive = true;
	reader.look();
	vi.advanceTimersByTime(readingPause);
	expect(read.mock.calls).toEqual([[['b']]]);
});

test('stop tells what was seen already', () => {
	const read = vi.fn<(ids: readonly string[]) => void>();
	const reader = createReader(() => true, read);
	reader.see(['a']);
	reader.stop();
	expect(read.mock.calls).toEqual([[['a']]]);
	expect(vi.getTimerCount()).toBe(0);
});

test('typing is told at most every three seconds, and its end at once', () => {
	const tell = vi.fn<(isTyping: boolean) => void>();
	let now = 0;
	const typist = createTypist(tell, () => now);
	typist.rested();
	typist.wrote('a');
	now = 2_999;
	typist.wrote('ab');
	expect(tell.mock.calls).toEqual([[true]]);
	now = 3_000;
	typist.wrote('abc');
	typist.wrote('');
	typist.rested();
	expect(tell.mock.calls).toEqual([[true], [true], [false]]);
	typist.wrote('d');
	expect(tell).toHaveBeenLastCalledWith(true);
});
