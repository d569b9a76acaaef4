// Frames, each to what it tells of.

import type { MessageSentFrame, ServerFrame, TypingIndicatorFrame } from '../generated/frames';
import { type ConversationRecord, type Conversations, touch, withPeer } from './conversations';
import type { OutboxMessage } from './drafts';
import type { History } from './history';
import type { Notes } from './notes';
import type { People } from './people';
import { createTold } from './told';

/** Takes frames. */
export interface Frames {
	/** apply returns false for a durable frame that came before, and for one of the moment that changes nothing. */
	apply(frame: ServerFrame): boolean;
	/** accepted takes the answer to a draft; the same message in a chat_message is a repeat from then on. */
	accepted(draft: OutboxMessage, frame: MessageSentFrame): void;
	/** withPeer returns the direct conversation with a user, made if there is none. */
	withPeer(userId: string): ConversationRecord;
}

/** What frames change. */
export interface Parts {
	readonly conversations: Conversations;
	readonly history: History;
	readonly people: People;
	readonly notes: Notes;
	readonly me: () => string;
}

/** createFrames joins the parts. */
export function createFrames({ conversations, history, people, notes, me }: Parts): Frames {
	const first = createTold();

	function durable(frame: ServerFrame): void {
		switch (frame.type) {
			case 'chat_message':
				return history.message(frame, {});
			case 'message_status':
				return history.status(frame);
			case 'message_erased':
				return history.erased(frame);
			case 'conversation':
				return history.changed(frame);
			case 'notification':
				return notes.add(frame);
			case 'notification_read':
				return notes.markRead(frame);
		}
	}

	function typing({ conversation_id, sender_id, is_typing }: TypingIndicatorFrame): boolean {
		const record = conversation_id === null ? conversations.byPeer.get(sender_id) : conversations.byId.get(conversation_id);
		if (!record || record.typing.has(sender_id) === is_typing) return false;
		if (is_typing) record.typing.add(sender_id);
		else record.typing.delete(sender_id);
		touch(conversations, record);
		return true;
	}

	return {
		apply(frame) {
			if (frame.type === 'typing_indicator') return typing(frame);
			if (frame.type === 'presence') return people.presence(frame);
			const key = keyOf(frame);
			if (key === null) return true;
			if (!first(key)) return false;
			durable(frame);
			return true;
		},
		accepted({ target, content }, frame) {
			first(`chat_message ${frame.message_id}`);
			history.message({
				...frame, sender_id: me(), content: frame.salt === null ? null : content,
				...('userId' in target ? { receiver_id: target.userId } : {}),
			}, {});
		},
		withPeer: (userId) => withPeer(conversations, me(), userId),
	};
}

// keyOf names what a durable frame tells; null for frames that are no event's.
function keyOf(frame: ServerFrame): string | null {
	switch (frame.type) {
		case 'chat_message':
			return `chat_message ${frame.message_id}`;
		case 'message_status':
			return 'user_id' in frame ? `${frame.status} ${frame.message_id} ${frame.user_id}`
				: `counts ${frame.message_id} ${frame.delivered_count} ${frame.read_count}`;
		case 'message_erased':
		case 'conversation':
		case 'notification':
		case 'notification_read':
		case 'task_status_update':
		case 'announcement':
			return `${frame.type} ${frame.position}`;
		default:
			return null;
	}
}
