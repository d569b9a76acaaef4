// How many messages are unread: what the server counted at some position, and what frames have told since.

import type { MessageRecord } from './messages';
import { type Fate, doneAt } from './receipts';

/**
 * The count of one conversation. It is the server's at `base.position`, plus others' messages after it that are not done (read or erased),
 * minus those up to it that were done after it.
 */
export interface Unread {
	base: { readonly unread: number; readonly position: number } | null;
	/** The position at which this user last came in: messages before it never count. -1 while it is unknown. */
	joinedAt: number;
	/** Ids of messages after the base that are not done. */
	readonly opened: Set<string>;
	/** Ids of messages up to the base that were done after it. */
	readonly closed: Set<string>;
}

/** newUnread returns a count of nothing. */
export function newUnread(): Unread {
	return { base: null, joinedAt: -1, opened: new Set(), closed: new Set() };
}

/** count is how many are unread. */
export function count(unread: Unread): number {
	return Math.max(0, (unread.base?.unread ?? 0) + unread.opened.size - unread.closed.size);
}

/** recount takes what is known of one message of another, and reports whether it may have changed the count. */
export function recount(unread: Unread, message: Pick<MessageRecord, 'id' | 'position'>, fate: Fate): boolean {
	const { base, joinedAt, opened, closed } = unread;
	const done = doneAt(fate);
	const after = message.position > (base?.position ?? -1);
	const counts = message.position > joinedAt;
	const opens = put(opened, message.id, counts && after && done === undefined);
	const closes = put(closed, message.id, counts && !after && done !== undefined && done > (base?.position ?? -1));
	return opens || closes;
}

/**
 * recountUnseen takes what is known of a message that was not told yet. If it was read after the base, it lies before it: what lies after comes
 * as a frame. Whether an erased one had been unread nobody knows before it is loaded.
 */
export function recountUnseen(unread: Unread, fate: Fate): boolean {
	return put(unread.closed, fate.messageId, unread.base !== null && fate.erasedAt === null && fate.readAt !== null && fate.readAt > unread.base.position);
}

/** forget takes a message out of the count that turns out to be this user's own. */
export function forget(unread: Unread, messageId: string): void {
	unread.opened.delete(messageId);
	unread.closed.delete(messageId);
}

function put(set: Set<string>, id: string, belongs: boolean): boolean {
	if (set.has(id) === belongs) return false;
	if (belongs) set.add(id);
	else set.delete(id);
	return true;
}
