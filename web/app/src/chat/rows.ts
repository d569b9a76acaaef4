// What the list of a conversation shows, row by row.

import type { Change, Conversation, Draft, Message } from '@chainmail/client';

/**
 * A row. `key` stays the same for as long as the row means the same, also when a draft becomes a message. `first` and
 * `last` say where a message stands among those that one sender wrote in a row.
 */
export type Row =
	| { readonly kind: 'day'; readonly key: string; readonly timestamp: string }
	| { readonly kind: 'new'; readonly key: string }
	| { readonly kind: 'change'; readonly key: string; readonly change: Change }
	| {
		readonly kind: 'message' | 'draft';
		readonly key: string;
		readonly message: Message | Draft;
		readonly first: boolean;
		readonly last: boolean;
	};

/** Messages of one sender that are further apart than this, in milliseconds, do not stand in one group. */
export const groupSpan = 5 * 60_000;

/**
 * buildRows lays a conversation's entries and drafts out: a row at each new day, one above the message `firstNew` (its
 * id), and groups of messages. The times are taken in this machine's zone. While older entries are to come, nobody
 * knows whether the first one begins its day: there is no row above it, so that what they are put before stays a row.
 */
export function buildRows(
	{ entries, drafts, complete }: Pick<Conversation, 'entries' | 'drafts' | 'complete'>, userId: string, firstNew: string | null,
): readonly Row[] {
	const rows: Row[] = [];
	const items: readonly (Message | Change | Draft)[] = [...entries, ...drafts];
	const joined = items.map((item, index) => joins(items[index - 1], item, userId, firstNew));
	for (const [index, item] of items.entries()) {
		const before = items[index - 1];
		if (before === undefined ? complete : momentOf(before).day !== momentOf(item).day) {
			rows.push({ kind: 'day', key: `day:${rowKey(item)}`, timestamp: timeOf(item) });
		}
		if (item.kind === 'message' && item.id === firstNew) {
			rows.push({ kind: 'new', key: 'new' });
		}
		if (item.kind === 'change') {
			rows.push({ kind: 'change', key: rowKey(item), change: item });
		} else {
			rows.push({ kind: item.kind, key: rowKey(item), message: item, first: joined[index] !== true, last: joined[index + 1] !== true });
		}
	}
	return rows;
}

/** rowKey returns the key of an entry's row. */
export function rowKey(item: Message | Change | Draft): string {
	switch (item.kind) {
		case 'change':
			return `change:${item.seq}`;
		case 'draft':
			return `own:${item.clientMessageId}`;
		case 'message':
			return item.clientMessageId === null ? item.id : `own:${item.clientMessageId}`;
	}
}

/**
 * firstUnread returns the id of the oldest of the `count` newest messages of others with a seq up to `upTo`; null while
 * so many are not loaded. Erased ones are not counted, as the server does not count them.
 */
export function firstUnread(conversation: Conversation, userId: string, count: number, upTo: number): string | null {
	let left = count;
	for (let i = conversation.entries.length - 1; i >= 0 && left > 0; i--) {
		const entry = conversation.entries[i];
		if (entry?.kind === 'message' && entry.seq <= upTo && entry.senderId !== userId && !entry.erased && --left === 0) {
			return entry.id;
		}
	}
	return null;
}

// Whether an item stands in one group with the one above it.
function joins(
	above: Message | Change | Draft | undefined, item: Message | Change | Draft, userId: string, firstNew: string | null,
): boolean {
	if (above === undefined || above.kind === 'change' || item.kind === 'change' || (item.kind === 'message' && item.id === firstNew)) {
		return false;
	}
	if (writer(above, userId) !== writer(item, userId)) {
		return false;
	}
	const before = momentOf(above);
	const { day, milliseconds } = momentOf(item);
	return day === before.day && milliseconds - before.milliseconds <= groupSpan;
}

function writer(item: Message | Draft, userId: string): string {
	return item.kind === 'draft' ? userId : item.senderId;
}

function timeOf(item: Message | Change | Draft): string {
	return item.kind === 'draft' ? item.createdAt : item.timestamp;
}

// A conversation may have thousands of entries, and all its rows are made anew at each change: their times are read
// once.
interface Moment {
	readonly milliseconds: number;
	readonly day: number;
}
const moments = new WeakMap<Message | Change | Draft, Moment>();

function momentOf(item: Message | Change | Draft): Moment {
	const known = moments.get(item);
	if (known !== undefined) {
		return known;
	}
	const date = new Date(timeOf(item));
	const moment = { milliseconds: date.getTime(), day: date.getFullYear() * 400 + date.getMonth() * 32 + date.getDate() };
	moments.set(item, moment);
	return moment;
}
