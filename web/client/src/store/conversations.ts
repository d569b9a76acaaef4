// Conversations as they are kept, how they are found, and the snapshots that are made of them.

import type { Conversation, Draft, Target } from '../model';
import { type Entry, type MessageRecord, messageSnapshot } from './messages';
import { type Timeline, newTimeline, participantsAt, shownFrom } from './timeline';
import { type Unread, count, newUnread } from './unread';

/** A conversation as it is kept. */
export interface ConversationRecord {
	/** null for a direct one that no message has opened yet. */
	id: string | null;
	peerId: string | null;
	title: string | null;
	/** Sorted. */
	participantIds: readonly string[];
	/** The position as of which title and participants are known; -1 while they are not. */
	knownAt: number;
	/** Whether this user takes part. */
	member: boolean;
	/** When it was made, or this user last came in; '' while unknown. */
	since: string;
	readonly timeline: Timeline;
	/** History was loaded to where this user's view begins. */
	complete: boolean;
	readonly unread: Unread;
	readonly typing: Set<string>;
	last: MessageRecord | null;
	drafts: readonly Draft[];
	/** The last snapshot, and its entries; null after a change of what they show. */
	snapshot: Conversation | null;
	entries: Conversation['entries'] | null;
	stale: boolean;
}

/** All conversations. A direct one is found by its peer too, before it has an id and after. */
export interface Conversations {
	readonly all: Set<ConversationRecord>;
	readonly byId: Map<string, ConversationRecord>;
	readonly byPeer: Map<string, ConversationRecord>;
	/** The list's last snapshot. */
	list: readonly Conversation[];
	/** Whether a conversation has changed since. */
	stale: boolean;
	/** Whether a page of the list was loaded. */
	listed: boolean;
}

/** newConversations returns none. */
export function newConversations(): Conversations {
	return { all: new Set(), byId: new Map(), byPeer: new Map(), list: [], stale: true, listed: false };
}

/** find returns the conversation of a target, if there is a record of it. */
export function find(conversations: Conversations, target: Target): ConversationRecord | undefined {
	return 'userId' in target ? conversations.byPeer.get(target.userId) : conversations.byId.get(target.conversationId);
}

/** withPeer returns the direct conversation with a user. It is made without an id if there is none. */
export function withPeer(conversations: Conversations, me: string, peerId: string): ConversationRecord {
	const known = conversations.byPeer.get(peerId);
	if (known) return known;
	const record = add(conversations);
	makeDirect(conversations, record, me, peerId);
	return record;
}

/** adopt returns the record of a conversation. With a `peerId` it is a direct one: the record that waited for the first message gets its id. */
export function adopt(conversations: Conversations, me: string, id: string, peerId: string | null): ConversationRecord {
	const { byId, byPeer } = conversations;
	let record = byId.get(id);
	const waiting = peerId === null ? undefined : byPeer.get(peerId);
	if (!record) {
		record = waiting?.id === null ? waiting : add(conversations);
		record.id = id;
		byId.set(id, record);
		touch(conversations, record);
	}
	if (waiting?.id === null) {
		conversations.all.delete(waiting);
		record.drafts = waiting.drafts;
	}
	if (peerId !== null && record.peerId === null) makeDirect(conversations, record, me, peerId);
	return record;
}

function makeDirect(conversations: Conversations, record: ConversationRecord, me: string, peerId: string): void {
	record.peerId = peerId;
	record.participantIds = [...new Set([me, peerId])].sort();
	record.title = null;
	conversations.byPeer.set(peerId, record);
	touch(conversations, record);
}

function add(conversations: Conversations): ConversationRecord {
	const record: ConversationRecord = {
		id: null, peerId: null, title: null, participantIds: [], knownAt: -1, member: true, since: '', timeline: newTimeline(), complete: false,
		unread: newUnread(), typing: new Set(), last: null, drafts: [], snapshot: null, entries: null, stale: true,
	};
	conversations.all.add(record);
	return record;
}

/** touch says that something of a conversation has changed. */
export function touch(conversations: Conversations, record: ConversationRecord): void {
	record.stale = true;
	conversations.stale = true;
}

/** touchEntries says that what is shown of its history has changed too. */
export function touchEntries(conversations: Conversations, record: ConversationRecord): void {
	record.entries = null;
	touch(conversations, record);
}

/** endTyping forgets who types. */
export function endTyping(conversations: Conversations): void {
	for (const record of conversations.all) {
		if (record.typing.size === 0) continue;
		record.typing.clear();
		touch(conversations, record);
	}
}

/** conversationSnapshot returns what a conversation looks like: the same object while nothing has changed. */
export function conversationSnapshot(record: ConversationRecord, me: string): Conversation {
	const known = record.snapshot;
	if (known && !record.stale) return known;
	record.stale = false;
	record.entries ??= entriesSnapshot(record, me, known?.entries ?? []);
	const lastMessage = record.last && shown(record, record.last, me);
	const next: Conversation = {
		id: record.id, peerId: record.peerId, title: record.title, participantIds: record.participantIds,
		unread: record.member ? count(record.unread) : 0,
		entries: record.entries, drafts: record.drafts,
		complete: record.id === null || record.complete || record.timeline.floor <= 1,
		typing: sameList(known?.typing, [...record.typing]),
		lastMessage, activeAt: lastMessage?.timestamp ?? (record.since || record.drafts.at(-1)?.createdAt || ''),
	};
	if (!known || !sameFields(known, next)) record.snapshot = next;
	return record.snapshot ?? next;
}

/** listSnapshot lists the conversations that this user takes part in, and those that a draft is about to open. */
export function listSnapshot(conversations: Conversations, me: string): readonly Conversation[] | null {
	if (!conversations.listed) return null;
	if (!conversations.stale) return conversations.list;
	conversations.stale = false;
	const rows = [...conversations.all]
		.filter((record) => (record.id === null ? record.drafts.length > 0 : record.member))
		.map((record) => ({ record, snapshot: conversationSnapshot(record, me) }))
		.map(({ record, snapshot }) => ({ snapshot, at: Date.parse(snapshot.activeAt) || 0, position: record.last?.position ?? -1 }));
	rows.sort((a, b) => b.at - a.at || b.position - a.position || compare(a.snapshot.id ?? '', b.snapshot.id ?? ''));
	conversations.list = sameList(conversations.list, rows.map(({ snapshot }) => snapshot));
	return conversations.list;
}

function entriesSnapshot(record: ConversationRecord, me: string, known: Conversation['entries']): Conversation['entries'] {
	const items = record.timeline.items;
	const entries = items.slice(shownFrom(record.timeline)).map((entry) => shown(record, entry, me));
	return sameList(known, entries);
}

function shown(record: ConversationRecord, entry: MessageRecord, me: string): NonNullable<Conversation['lastMessage']>;
function shown(record: ConversationRecord, entry: Entry, me: string): Conversation['entries'][number];
function shown(record: ConversationRecord, entry: Entry, me: string): Conversation['entries'][number] {
	if (entry.kind === 'change') return entry.snapshot;
	if (entry.snapshot && !entry.stale) return entry.snapshot;
	const participantIds = record.peerId === null ? participantsAt(record.timeline, entry.seq, record.participantIds) : record.participantIds;
	return messageSnapshot(entry, me, participantIds);
}

/** sameList returns the known list if the next one has the same members. */
export function sameList<T>(known: readonly T[] | undefined, next: readonly T[]): readonly T[] {
	return known?.length === next.length && known.every((member, i) => member === next[i]) ? known : next;
}

function sameFields(a: Conversation, b: Conversation): boolean {
	return (Object.keys(b) as (keyof Conversation)[]).every((key) => a[key] === b[key]);
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
