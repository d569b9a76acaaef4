// What became of a message: receipts and erasure. It may be told before the message is, twice, and in any order; what is known only ever grows.

import type { PastMessage } from '../generated/answers';
import type { MessageCountsFrame, MessageErasedFrame, MessageStatusFrame } from '../generated/frames';
import type { Receipt } from '../model';

/** What is known of one message's way. Positions are those of frames; -1 stands for "before all frames", as an answer tells it. */
export interface Fate {
	readonly messageId: string;
	/** '' while nothing but its id was told. */
	conversationId: string;
	/** When its words went; null while they are there. */
	erasedAt: number | null;
	/** When this user read it; null while he has not. Infinity: he has read it here, and the log's place of that is unknown. */
	readAt: number | null;
	/** The others' receipts, by user. */
	readonly receipts: Map<string, Receipt>;
	/** The server said that it holds for all recipients. */
	allDelivered: boolean;
	allRead: boolean;
	deliveredCount: number;
	readCount: number;
}

/** newFate returns the fate of a message of which nothing was told. */
export function newFate(messageId: string, conversationId: string): Fate {
	return {
		messageId, conversationId, erasedAt: null, readAt: null, receipts: new Map(),
		allDelivered: false, allRead: false, deliveredCount: 0, readCount: 0,
	};
}

/** What an answer says of a message's way; the last message of a list has no receipts. */
export type Told = Partial<Pick<PastMessage, 'is_delivered' | 'is_read' | 'receipts' | 'erased_at'>>;

/** learn takes what an answer says; `me` is this user. It reports whether that was news. */
export function learn(fate: Fate, me: string, told: Told): boolean {
	let news = false;
	if (told.is_delivered && !fate.allDelivered) news = fate.allDelivered = true;
	if (told.is_read && !fate.allRead) news = fate.allDelivered = fate.allRead = true;
	if (typeof told.erased_at === 'string' && fate.erasedAt === null) {
		fate.erasedAt = -1;
		news = true;
	}
	for (const { user_id: userId, delivered_at: deliveredAt, read_at: readAt } of told.receipts ?? []) {
		if (userId !== me) {
			news = addReceipt(fate, { userId, deliveredAt, readAt }) || news;
		} else if (readAt !== null && fate.readAt === null) {
			fate.readAt = -1;
			news = true;
		}
	}
	return news;
}

/** addStatus takes the frame of one recipient's receipt, and reports whether it was news. */
export function addStatus(fate: Fate, me: string, frame: MessageStatusFrame): boolean {
	const { user_id: userId, status, timestamp, position } = frame;
	if (userId !== me) {
		const receipt = status === 'read' ? { userId, deliveredAt: null, readAt: timestamp } : { userId, deliveredAt: timestamp, readAt: null };
		return addReceipt(fate, receipt);
	}
	if (status !== 'read' || fate.readAt === position) return false;
	fate.readAt = position;
	return true;
}

/** addCounts takes the frame that stands for many receipts, and reports whether it was news. */
export function addCounts(fate: Fate, frame: MessageCountsFrame): boolean {
	const news = frame.delivered_count > fate.deliveredCount || frame.read_count > fate.readCount;
	fate.deliveredCount = Math.max(fate.deliveredCount, frame.delivered_count);
	fate.readCount = Math.max(fate.readCount, frame.read_count);
	return news;
}

/** erase takes the frame of an erasure, and reports whether it was news. */
export function erase(fate: Fate, frame: MessageErasedFrame): boolean {
	if (fate.erasedAt === frame.position) return false;
	fate.erasedAt = frame.position;
	return true;
}

/** doneAt is the position from which on a message counts no longer as unread; undefined while it does. */
export function doneAt(fate: Fate): number | undefined {
	if (fate.erasedAt === null) return fate.readAt ?? undefined;
	return fate.readAt === null ? fate.erasedAt : Math.min(fate.erasedAt, fate.readAt);
}

/** receiptsOf lists the others' receipts by user id. Who read a message without a word of its delivery has received it then, as the server counts. */
export function receiptsOf(fate: Fate): readonly Receipt[] {
	return [...fate.receipts.values()]
		.map((receipt) => ({ ...receipt, deliveredAt: receipt.deliveredAt ?? receipt.readAt }))
		.sort((a, b) => (a.userId < b.userId ? -1 : 1));
}

function addReceipt(fate: Fate, told: Receipt): boolean {
	const known = fate.receipts.get(told.userId);
	const deliveredAt = earlier(known?.deliveredAt ?? null, told.deliveredAt);
	const readAt = earlier(known?.readAt ?? null, told.readAt);
	if (known && known.deliveredAt === deliveredAt && known.readAt === readAt) return false;
	fate.receipts.set(told.userId, { userId: told.userId, deliveredAt, readAt });
	return true;
}

function earlier(a: string | null, b: string | null): string | null {
	if (a === null || b === null) return a ?? b;
	return a < b ? a : b;
}
