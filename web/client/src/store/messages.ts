// Messages and changes as they are kept, and the snapshots that are made of them.

import type * as answers from '../generated/answers';
import type { ChatMessageFrame, ConversationFrame } from '../generated/frames';
import type { Change, Message, Progress, Receipt } from '../model';
import { type Fate, receiptsOf } from './receipts';

/** The most participants with whom each receipt is told; among more only counts are. The server's limit. */
export const mostReceipts = 50;

/** A message as it is kept. */
export interface MessageRecord {
	readonly kind: 'message';
	readonly id: string;
	readonly conversationId: string;
	readonly seq: number;
	readonly position: number;
	readonly senderId: string;
	readonly contentHash: string;
	readonly timestamp: string;
	readonly clientMessageId: string | null;
	readonly fate: Fate;
	content: string | null;
	salt: string | null;
	/** The last snapshot; `stale` says that it has to be compared with what is known now. */
	snapshot: Message | null;
	stale: boolean;
}

/** A change of who takes part. */
export interface ChangeRecord {
	readonly kind: 'change';
	readonly seq: number;
	readonly position: number;
	readonly participantIds: readonly string[];
	readonly snapshot: Change;
}

/** What has a place in a conversation and is shown. */
export type Entry = MessageRecord | ChangeRecord;

/** A message as a frame or an answer has it; those of the HTTP API carry more. */
export type SentMessage = Omit<ChatMessageFrame, 'type'>;

/** newMessage makes a record of what was told. */
export function newMessage(told: SentMessage, fate: Fate): MessageRecord {
	return {
		kind: 'message', id: told.message_id, conversationId: told.conversation_id, seq: told.seq, position: told.position, senderId: told.sender_id,
		contentHash: told.content_hash, timestamp: told.timestamp, clientMessageId: told.client_message_id ?? null, fate,
		content: told.content, salt: told.salt, snapshot: null, stale: true,
	};
}

/** asSent returns a message of the HTTP API that has a place in a conversation; undefined for one that was blocked. */
export function asSent(told: answers.Message): SentMessage | undefined {
	const { conversation_id, seq } = told;
	return conversation_id === null || seq === null ? undefined : { ...told, conversation_id, seq };
}

/** newChange makes a record of a change. */
export function newChange(told: ConversationFrame | answers.Change): ChangeRecord {
	const { seq, position, change, user_id: userId, timestamp, participant_ids: participantIds } = told;
	return { kind: 'change', seq, position, participantIds, snapshot: { kind: 'change', seq, position, change, userId, timestamp } };
}

/** messageSnapshot returns what a message looks like to `me`, given who took part when it was sent: the same object while nothing has changed. */
export function messageSnapshot(record: MessageRecord, me: string, participantIds: readonly string[]): Message {
	const { snapshot } = record;
	if (snapshot && !record.stale) return snapshot;
	record.stale = false;
	const next = makeSnapshot(record, me, participantIds);
	if (!snapshot || !same(snapshot, next)) record.snapshot = next;
	return record.snapshot ?? next;
}

function makeSnapshot(record: MessageRecord, me: string, participantIds: readonly string[]): Message {
	const { id, clientMessageId, conversationId, seq, position, senderId, contentHash, timestamp, fate } = record;
	const erased = fate.erasedAt !== null;
	return {
		kind: 'message', id, clientMessageId, conversationId, seq, position, senderId, contentHash, timestamp, erased,
		content: erased ? null : record.content, salt: erased ? null : record.salt,
		...(senderId === me ? wayOfMine(fate, participantIds, me) : wayOfOthers(fate)),
	};
}

type Way = Pick<Message, 'receipts' | 'deliveredCount' | 'readCount' | 'progress'>;

function wayOfMine(fate: Fate, participantIds: readonly string[], me: string): Way {
	const recipients = participantIds.filter((id) => id !== me).length;
	const receipts = receiptsOf(fate);
	const read = receipts.filter((receipt) => receipt.readAt !== null).length;
	const deliveredCount = fate.allDelivered ? Math.max(recipients, receipts.length) : Math.max(fate.deliveredCount, receipts.length);
	const readCount = fate.allRead ? Math.max(recipients, read) : Math.max(fate.readCount, read);
	const progress = fate.allRead || (recipients > 0 && readCount >= recipients) ? 'read'
		: fate.allDelivered || (recipients > 0 && deliveredCount >= recipients) ? 'delivered' : 'sent';
	return { receipts: participantIds.length > mostReceipts ? [] : receipts, deliveredCount, readCount, progress };
}

function wayOfOthers(fate: Fate): Way {
	const progress: Progress = fate.readAt === null ? 'delivered' : 'read';
	return { receipts: [], deliveredCount: 0, readCount: 0, progress };
}

function same(a: Message, b: Message): boolean {
	return a.erased === b.erased && a.progress === b.progress && a.deliveredCount === b.deliveredCount && a.readCount === b.readCount
		&& a.receipts.length === b.receipts.length && a.receipts.every((receipt, i) => sameReceipt(receipt, b.receipts[i]));
}

function sameReceipt(a: Receipt, b: Receipt | undefined): boolean {
	return a.userId === b?.userId && a.deliveredAt === b.deliveredAt && a.readAt === b.readAt;
}
