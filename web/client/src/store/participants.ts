// Who takes part: what frames, pages of history and lists tell of it.

import type * as answers from '../generated/answers';
import type { ConversationFrame } from '../generated/frames';
import { type ConversationRecord, adopt, sameList, touch, touchEntries } from './conversations';
import { type Known, reach, recountAll, staleReceipts } from './known';
import { newChange } from './messages';
import { insert } from './timeline';

/** addFrame takes a frame that tells who takes part, and reports whether it was news. */
export function addFrame(known: Known, frame: ConversationFrame): boolean {
	const others = frame.participant_ids.filter((id) => id !== known.me);
	const direct = frame.change === 'started' && frame.title === null && others.length === 1;
	const record = adopt(known.conversations, known.me, frame.conversation_id, direct ? others[0] ?? null : null);
	const news = addChange(known, record, frame);
	const { unread } = record;
	const isLive = known.liveFrom !== null && frame.position > known.liveFrom;
	if (isLive && comesIn(known, frame) && frame.position > (unread.base?.position ?? -1)) {
		unread.base = { unread: 0, position: frame.position };
		recountAll(known, record);
	}
	return news;
}

/** addChange takes a change of participants, and reports whether it was news. */
export function addChange(known: Known, record: ConversationRecord, told: ConversationFrame | answers.Change): boolean {
	const change = newChange(told);
	if (insert(record.timeline, change) !== change) return false;
	if (record.timeline.items.at(-1) !== change) staleReceipts(known, record);
	if (comesIn(known, told) && told.position > record.unread.joinedAt) {
		record.unread.joinedAt = told.position;
		record.since = told.timestamp;
		recountAll(known, record);
	}
	takePart(known, record, told.participant_ids, told.title, told.position);
	reach(known, record, told.seq, told.position);
	touchEntries(known.conversations, record);
	return true;
}

/** takePart says who takes part and what the conversation is called as of a position. What is known as of a later one stays. */
export function takePart(known: Known, record: ConversationRecord, participantIds: readonly string[], title: string | null, position: number): void {
	if (position < record.knownAt) return;
	record.knownAt = position;
	record.participantIds = sameList(record.participantIds, [...participantIds].sort());
	record.title = title;
	record.member = participantIds.includes(known.me);
	if (record.timeline.changes.length === 0) staleReceipts(known, record);
	touch(known.conversations, record);
}

// comesIn: this user's view of the conversation begins here, or begins again.
function comesIn({ me }: Known, { change, user_id }: ConversationFrame | answers.Change): boolean {
	return change === 'started' || (change === 'participant_added' && user_id === me);
}
