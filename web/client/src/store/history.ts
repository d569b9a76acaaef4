// What happened in conversations, told by frames and by answers, twice and in any order, put where it belongs.

import type * as answers from '../generated/answers';
import type { MessageCountsFrame, MessageErasedFrame, MessageStatusFrame } from '../generated/frames';
import { type ConversationRecord, adopt, touchEntries } from './conversations';
import { draftSent } from './drafts';
import { type Known, fateOf, reach, recountAll, settle, touchMessage } from './known';
import { type MessageRecord, type SentMessage, asSent, newMessage } from './messages';
import { addChange, takePart } from './participants';
import { type Told, addCounts, addStatus, erase, learn } from './receipts';
import { insert } from './timeline';
import { forget, recount } from './unread';

/** recordOf returns the record of a message's conversation. */
export function recordOf({ conversations, me }: Known, sent: SentMessage): ConversationRecord {
	const peerId = sent.receiver_id === undefined ? null : sent.sender_id === me ? sent.receiver_id : sent.sender_id;
	return adopt(conversations, me, sent.conversation_id, peerId);
}

/** addMessage takes a message: of a frame, or of an answer with what became of it. It reports whether anything of it was news. */
export function addMessage(known: Known, sent: SentMessage, told: Told = {}): boolean {
	const record = recordOf(known, sent);
	const fate = fateOf(known, sent.message_id, sent.conversation_id);
	const learnt = learn(fate, known.me, told);
	const erased = sent.content === null && fate.erasedAt === null;
	if (erased) fate.erasedAt = -1;
	if (known.messages.has(sent.message_id)) {
		if (learnt || erased) settle(known, fate);
		return learnt || erased;
	}
	put(known, record, newMessage(sent, fate));
	if (sent.sender_id === known.me && sent.client_message_id) draftSent(known, sent.client_message_id);
	return true;
}

function put(known: Known, record: ConversationRecord, entry: MessageRecord): void {
	known.unseen.delete(entry.id);
	known.messages.set(entry.id, entry);
	insert(record.timeline, entry);
	if (!record.last || record.last.seq < entry.seq) {
		record.last = entry;
		record.typing.delete(entry.senderId);
	}
	if (entry.senderId === known.me) forget(record.unread, entry.id);
	else recount(record.unread, entry, entry.fate);
	reach(known, record, entry.seq, entry.position);
	touchMessage(known, record, entry);
}

/** addReceipts takes a frame of receipts, and reports whether it was news. */
export function addReceipts(known: Known, frame: MessageStatusFrame | MessageCountsFrame): boolean {
	const fate = fateOf(known, frame.message_id, frame.conversation_id);
	const news = 'user_id' in frame ? addStatus(fate, known.me, frame) : addCounts(fate, frame);
	if (news) settle(known, fate);
	return news;
}

/** addErasure takes the frame of an erasure, and reports whether it was news. */
export function addErasure(known: Known, frame: MessageErasedFrame): boolean {
	const fate = fateOf(known, frame.message_id, frame.conversation_id);
	const news = erase(fate, frame);
	if (news) settle(known, fate);
	return news;
}

/** readHere marks a message as read, and reports whether that is news to the log. */
export function readHere(known: Known, messageId: string): boolean {
	const fate = fateOf(known, messageId, '');
	if (known.messages.get(messageId)?.senderId === known.me || fate.readAt !== null || fate.erasedAt !== null) return false;
	fate.readAt = Infinity;
	settle(known, fate);
	return true;
}

/** addListed takes a conversation of an answer, as of a position. Its count of unread messages is taken once: frames tell what follows. */
export function addListed(known: Known, told: answers.Conversation, position: number): ConversationRecord {
	const ids = told.participants.map((user) => user.id);
	const peerId = told.direct ? ids.find((id) => id !== known.me) ?? known.me : null;
	const record = adopt(known.conversations, known.me, told.id, peerId);
	takePart(known, record, ids, told.title, position);
	record.since ||= told.created_at;
	if (!record.unread.base) {
		record.unread.base = { unread: told.unread_count, position };
		recountAll(known, record);
	}
	const last = told.last_message && asSent(told.last_message);
	if (last) addMessage(known, last, told.last_message ?? {});
	return record;
}

/** addPage takes a page of history that ends where what is shown begins. `isLast`: there is nothing before it. */
export function addPage(
	known: Known, record: ConversationRecord, items: readonly (answers.PastMessage | answers.Change)[], isLast: boolean,
): void {
	for (const item of items) {
		const sent = item.type === 'chat_message' ? asSent(item) : undefined;
		if (item.type === 'conversation') addChange(known, record, item);
		else if (sent) addMessage(known, sent, item);
	}
	record.timeline.floor = isLast ? 0 : Math.min(record.timeline.floor, items[0]?.seq ?? Infinity);
	record.complete ||= isLast;
	touchEntries(known.conversations, record);
}
