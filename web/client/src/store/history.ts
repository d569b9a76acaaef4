// What happened in conversations, told by frames and by answers, put where it belongs.

import type * as answers from '../generated/answers';
import type { ConversationFrame, MessageCountsFrame, MessageErasedFrame, MessageStatusFrame } from '../generated/frames';
import { type ConversationRecord, type Conversations, adopt, sameList, touch, touchEntries } from './conversations';
import { type Fate, type Told, addCounts, addStatus, erase, learn, newFate } from './receipts';
import { type MessageRecord, type SentMessage, asSent, newChange, newMessage } from './messages';
import { insert } from './timeline';
import { forget, recount, recountUnseen } from './unread';

/**
 * The most messages of which something was told before they were. Beyond it the oldest is forgotten: when such a message is loaded after all, the
 * answer tells of it, since it is asked for as of what was told last.
 */
const mostUnseen = 10_000;

/** History is what is known of conversations' messages. Everything may be told twice and in any order. */
export interface History {
	/** The position from which on every durable frame comes; null before the first `synced`. */
	readonly liveFrom: number | null;
	/** startAt says it, once. */
	startAt(position: number): void;
	/** message takes a message: of a frame, or of an answer with what became of it. This and the next three report whether that was news. */
	message(sent: SentMessage, told: Told): boolean;
	/** changed takes a frame that tells who takes part. */
	changed(frame: ConversationFrame): boolean;
	status(frame: MessageStatusFrame | MessageCountsFrame): boolean;
	erased(frame: MessageErasedFrame): boolean;
	/** listed takes a conversation of an answer, as of a position. */
	listed(told: answers.Conversation, position: number): ConversationRecord;
	/** page takes the items of a page of history, and that everything from its first item up to `before` is in it. */
	page(record: ConversationRecord, items: readonly (answers.PastMessage | answers.Change)[], isLast: boolean): void;
	/** read marks a message as read here, and reports whether that is news to the log. */
	read(messageId: string): boolean;
}

/** createHistory returns one that knows nothing. `sent` is told the client_message_id of each message of this user. */
export function createHistory(conversations: Conversations, me: () => string, sent: (clientMessageId: string) => void): History {
	const messages = new Map<string, MessageRecord>();
	const unseen = new Map<string, Fate>();
	let liveFrom: number | null = null;

	function fateOf(messageId: string, conversationId: string): Fate {
		const known = messages.get(messageId)?.fate ?? unseen.get(messageId);
		if (known) {
			known.conversationId ||= conversationId;
			return known;
		}
		const fate = newFate(messageId, conversationId);
		unseen.set(messageId, fate);
		for (const oldest of unseen.keys()) {
			if (unseen.size <= mostUnseen) break;
			unseen.delete(oldest);
		}
		return fate;
	}

	// settle brings the count and the snapshots up to what is known of a message.
	function settle(fate: Fate): void {
		const message = messages.get(fate.messageId);
		const record = conversations.byId.get(fate.conversationId);
		if (!record) return;
		if (!message) {
			if (recountUnseen(record.unread, fate)) touch(conversations, record);
			return;
		}
		message.stale = true;
		if (message.senderId !== me()) recount(record.unread, message, fate);
		touchMessage(record, message);
	}

	function touchMessage(record: ConversationRecord, message: MessageRecord): void {
		if (message.seq >= record.timeline.floor) touchEntries(conversations, record);
		else touch(conversations, record);
	}

	// recountAll counts anew after the base has changed.
	function recountAll(record: ConversationRecord): void {
		for (const entry of record.timeline.items) {
			if (entry.kind === 'message' && entry.senderId !== me()) recount(record.unread, entry, entry.fate);
		}
		for (const fate of unseen.values()) {
			if (fate.conversationId === record.id) recountUnseen(record.unread, fate);
		}
		touch(conversations, record);
	}

	// reach lowers the floor to what came live: from there on everything comes.
	function reach(record: ConversationRecord, seq: number, position: number): void {
		if (liveFrom !== null && position > liveFrom && seq < record.timeline.floor) record.timeline.floor = seq;
	}

	function message(told: SentMessage, fateTold: Told): boolean {
		const mine = told.sender_id === me();
		const peerId = told.receiver_id === undefined ? null : mine ? told.receiver_id : told.sender_id;
		const record = adopt(conversations, me(), told.conversation_id, peerId);
		const known = messages.get(told.message_id);
		const fate = fateOf(told.message_id, told.conversation_id);
		const news = learn(fate, me(), fateTold);
		const erasedHere = told.content === null && fate.erasedAt === null;
		if (erasedHere) fate.erasedAt = -1;
		if (known) {
			if (news || erasedHere) settle(fate);
			return news || erasedHere;
		}
		put(record, newMessage(told, fate));
		if (mine && told.client_message_id) sent(told.client_message_id);
		return true;
	}

	function put(record: ConversationRecord, entry: MessageRecord): void {
		unseen.delete(entry.id);
		messages.set(entry.id, entry);
		insert(record.timeline, entry);
		if (!record.last || record.last.seq < entry.seq) record.last = entry;
		if (entry.senderId === me()) forget(record.unread, entry.id);
		else recount(record.unread, entry, entry.fate);
		if (record.last === entry) record.typing.delete(entry.senderId);
		reach(record, entry.seq, entry.position);
		touchMessage(record, entry);
	}

	// putChange reports whether the change is news.
	function putChange(record: ConversationRecord, told: ConversationFrame | answers.Change): boolean {
		const change = newChange(told);
		if (insert(record.timeline, change) !== change) return false;
		if (record.timeline.items.at(-1) !== change) staleReceipts(record);
		if (told.change !== 'participant_left' && (told.change === 'started' || told.user_id === me()) && told.position > record.unread.joinedAt) {
			record.unread.joinedAt = told.position;
			record.since = told.timestamp;
			recountAll(record);
		}
		reach(record, told.seq, told.position);
		touchEntries(conversations, record);
		return true;
	}

	// staleReceipts has messages compared with what is now known of who took part.
	function staleReceipts(record: ConversationRecord): void {
		for (const entry of record.timeline.items) {
			if (entry.kind === 'message' && entry.senderId === me()) entry.stale = true;
		}
		touchEntries(conversations, record);
	}

	function takePart(record: ConversationRecord, participantIds: readonly string[], title: string | null, position: number): void {
		if (position < record.knownAt) return;
		record.knownAt = position;
		record.participantIds = sameList(record.participantIds, [...participantIds].sort());
		record.title = title;
		record.member = participantIds.includes(me());
		if (record.timeline.changes.length === 0) staleReceipts(record);
		touch(conversations, record);
	}

	return {
		get liveFrom() {
			return liveFrom;
		},
		startAt(position) {
			if (liveFrom !== null) return;
			liveFrom = position;
			for (const record of conversations.all) {
				for (const entry of record.timeline.items) reach(record, entry.seq, entry.position);
				touchEntries(conversations, record);
			}
		},
		message,
		changed(frame) {
			const others = frame.participant_ids.filter((id) => id !== me());
			const direct = frame.change === 'started' && frame.title === null && others.length === 1;
			const record = adopt(conversations, me(), frame.conversation_id, direct ? others[0] ?? null : null);
			const news = putChange(record, frame);
			const { unread } = record;
			const came = frame.change === 'started' || (frame.change === 'participant_added' && frame.user_id === me());
			if (came && liveFrom !== null && frame.position > liveFrom && frame.position > (unread.base?.position ?? -1)) {
				unread.base = { unread: 0, position: frame.position };
				recountAll(record);
			}
			takePart(record, frame.participant_ids, frame.title, frame.position);
			return news;
		},
		status(frame) {
			const fate = fateOf(frame.message_id, frame.conversation_id);
			const news = 'user_id' in frame ? addStatus(fate, me(), frame) : addCounts(fate, frame);
			if (news) settle(fate);
			return news;
		},
		erased(frame) {
			const fate = fateOf(frame.message_id, frame.conversation_id);
			const news = erase(fate, frame);
			if (news) settle(fate);
			return news;
		},
		listed(told, position) {
			const ids = told.participants.map((user) => user.id);
			const peerId = told.direct ? ids.find((id) => id !== me()) ?? me() : null;
			const record = adopt(conversations, me(), told.id, peerId);
			takePart(record, ids, told.title, position);
			record.since ||= told.created_at;
			if (!record.unread.base) {
				record.unread.base = { unread: told.unread_count, position };
				recountAll(record);
			}
			const last = told.last_message && asSent(told.last_message);
			if (last) message(last, told.last_message ?? {});
			return record;
		},
		page(record, items, isLast) {
			for (const item of items) {
				if (item.type === 'conversation') {
					putChange(record, item);
					takePart(record, item.participant_ids, item.title, item.position);
				} else {
					const sentMessage = asSent(item);
					if (sentMessage) message(sentMessage, item);
				}
			}
			record.timeline.floor = isLast ? 0 : Math.min(record.timeline.floor, items[0]?.seq ?? Infinity);
			record.complete ||= isLast;
			touchEntries(conversations, record);
		},
		read(messageId) {
			const fate = fateOf(messageId, '');
			if (messages.get(messageId)?.senderId === me() || fate.readAt !== null || fate.erasedAt !== null) return false;
			fate.readAt = Infinity;
			settle(fate);
			return true;
		},
	};
}
