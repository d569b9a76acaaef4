import { expect, test } from 'vitest';
import { buildRows, firstUnread, type Row } from '../../src/chat/rows';
import { bob, carol, change, conversation, draft, me, message } from './entries';

function outline(rows: readonly Row[]): string[] {
	return rows.map((row) => {
		switch (row.kind) {
			case 'message':
			case 'draft':
				return `${row.key}${row.first ? ' first' : ''}${row.last ? ' last' : ''}`;
			default:
				return row.key;
		}
	});
}

// Noon: the same day in every zone that tests run in.
const noon = (minutes: number, day = 1) => new Date(2026, 2, day, 12, minutes).toISOString();

test('messages of one sender within five minutes stand in one group', () => {
	const rows = buildRows(conversation([
		message(2, bob, noon(0)), message(3, bob, noon(4)), message(4, bob, noon(10)), message(5, carol, noon(11)),
	]), me, null);
	expect(outline(rows)).toEqual([
		'day:message-2', 'message-2 first', 'message-3 last', 'message-4 first last', 'message-5 first last',
	]);
});

test('a change ends a group, and so does a new day', () => {
	const rows = buildRows(conversation([
		message(2, bob, noon(0)), change(3, carol, noon(1)), message(4, bob, noon(1)), message(5, bob, noon(2, 2)),
	]), me, null);
	expect(outline(rows)).toEqual([
		'day:message-2', 'message-2 first last', 'change:3', 'message-4 first last', 'day:message-5', 'message-5 first last',
	]);
});

test('a day begins at midnight of this machine, not of UTC', () => {
	const late = new Date(2026, 2, 1, 23, 59).toISOString();
	const early = new Date(2026, 2, 2, 0, 1).toISOString();
	const rows = buildRows(conversation([message(2, bob, late), message(3, bob, early)]), me, null);
	expect(outline(rows)).toEqual(['day:message-2', 'message-2 first last', 'day:message-3', 'message-3 first last']);
});

test('the rows of a page stay when older ones are put before it', () => {
	const page = [message(4, bob, noon(1)), message(5, carol, noon(2))];
	const before = buildRows({ ...conversation(page), complete: false }, me, null);
	const after = buildRows(conversation([message(2, carol, noon(0)), message(3, carol, noon(1)), ...page]), me, null);
	expect(after.slice(-before.length).map((row) => row.key)).toEqual(before.map((row) => row.key));
});

test('drafts stand at the end, in the group of the messages before them', () => {
	const rows = buildRows(conversation([message(2, me, noon(0))], [draft('a', noon(1)), draft('b', noon(2))]), me, null);
	expect(outline(rows)).toEqual(['day:message-2', 'message-2 first', 'own:a', 'own:b last']);
});

test('a draft keeps its key when it becomes a message', () => {
	const before = buildRows(conversation([], [draft('a', noon(1))]), me, null);
	const after = buildRows(conversation([message(2, me, noon(1), { clientMessageId: 'a' })]), me, null);
	expect(after.map((row) => row.key)).toEqual(before.map((row) => row.key));
});

test('the row of new messages parts a group', () => {
	const rows = buildRows(conversation([message(2, bob, noon(0)), message(3, bob, noon(1))]), me, 'message-3');
	expect(outline(rows)).toEqual(['day:message-2', 'message-2 first last', 'new', 'message-3 first last']);
});

test('the first unread message is counted back over those of others that have words', () => {
	const talk = conversation([
		message(2, bob, noon(0)), message(3, bob, noon(0), { erased: true, content: null }), message(4, me, noon(0)), message(5, carol, noon(0)),
		message(6, bob, noon(0)),
	]);
	expect(firstUnread(talk, me, 1, 5)).toBe('message-5');
	expect(firstUnread(talk, me, 3, 6)).toBe('message-2');
	expect(firstUnread(talk, me, 4, 6)).toBeNull();
	expect(firstUnread(talk, me, 0, 6)).toBeNull();
});
