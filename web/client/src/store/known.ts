// What is known of all conversations, and what follows where something of it changes.

import type { Draft } from '../model';
import { type ConversationRecord, type Conversations, newConversations, touch, touchEntries } from './conversations';
import type { MessageRecord } from './messages';
import { type Fate, newFate } from './receipts';
import { recount, recountUnseen } from './unread';

/**
 * The most messages of which something was told before they were. Beyond it the oldest is forgotten: when such a message is loaded after all, the
 * answer tells of it, since it is asked for as of what was told last.
 */
const mostUnseen = 10_000;

/** What is known of conversations and their messages. */
export interface Known {
	/** Whose knowledge it is; '' before the first connection. */
	me: string;
	/** The position from which on every durable frame comes; null before the first `synced`. */
	liveFrom: number | null;
	/** The newest position that was told. */
	newest: number;
	readonly conversations: Conversations;
	/** By id. */
	readonly messages: Map<string, MessageRecord>;
	/** What became of messages that are not known, by their ids. */
	readonly unseen: Map<string, Fate>;
	/** By client_message_id, in the order of writing. */
	readonly drafts: Map<string, Draft>;
	/** The client_message_ids of this user's messages that are known. */
	readonly sent: Set<string>;
}

/** newKnown returns nothing. */
export function newKnown(): Known {
	return {
		me: '', liveFrom: null, newest: 0, conversations: newConversations(),
		messages: new Map(), unseen: new Map(), drafts: new Map(), sent: new Set(),
	};
}

/** startAt says from which position on every durable frame comes. Again does nothing. */
export function startAt(known: Known, position: number): void {
	if (known.liveFrom !== null) return;
	known.liveFrom = position;
	for (const record of known.conversations.all) {
		for (const entry of record.timeline.items) reach(known, record, entry.seq, entry.position);
		touchEntries(known.conversations, record);
	}
}

/** fateOf returns what became of a message, known or not. `conversationId` is '' where nobody has said. */
export function fateOf({ messages, unseen }: Known, messageId: string, conversationId: string): Fate {
	const there = messages.get(messageId)?.fate ?? unseen.get(messageId);
	if (there) {
		there.conversationId ||= conversationId;
		return there;
	}
	const fate = newFate(messageId, conversationId);
	unseen.set(messageId, fate);
	for (const oldest of unseen.keys()) {
		if (unseen.size <= mostUnseen) break;
		unseen.delete(oldest);
	}
	return fate;
}

/** settle brings the count and the snapshots up to what became of a message. */
export function settle(known: Known, fate: Fate): void {
	const message = known.messages.get(fate.messageId);
	const record = known.conversations.byId.get(fate.conversationId);
	if (!record) return;
	if (!message) {
		if (recountUnseen(record.unread, fate)) touch(known.conversations, record);
		return;
	}
	message.stale = true;
	if (message.senderId !== known.me) recount(record.unread, message, fate);
	touchMessage(known, record, message);
}

/** touchMessage says that a message of a conversation has changed. */
export function touchMessage({ conversations }: Known, record: ConversationRecord, message: MessageRecord): void {
	if (message.seq >= record.timeline.floor) touchEntries(conversations, record);
	else touch(conversations, record);
}

/** recountAll counts anew after the base of a count, or what counts at all, has changed. */
export function recountAll(known: Known, record: ConversationRecord): void {
	for (const entry of record.timeline.items) {
		if (entry.kind === 'message' && entry.senderId !== known.me) recount(record.unread, entry, entry.fate);
	}
	for (const fate of known.unseen.values()) {
		if (fate.conversationId === record.id) recountUnseen(record.unread, fate);
	}
	touch(known.conversations, record);
}

/** reach lowers the floor to what came live: from there on everything comes. */
export function reach({ liveFrom }: Known, { timeline }: ConversationRecord, seq: number, position: number): void {
	if (liveFrom !== null && position > liveFrom && seq < timeline.floor) timeline.floor = seq;
}

/** staleReceipts has messages of this user compared with what is now known of who took part. */
export function staleReceipts({ conversations, me }: Known, record: ConversationRecord): void {
	for (const entry of record.timeline.items) {
		if (entry.kind === 'message' && entry.senderId === me) entry.stale = true;
	}
	touchEntries(conversations, record);
}
