// Frames, each to what it tells of.

import type { MessageSentFrame, ServerFrame, TypingIndicatorFrame } from '../generated/frames';
import type { OutboxMessage } from '../storage';
import { type ConversationRecord, type Conversations, touch, withPeer } from './conversations';
import type { History } from './history';
import type { Notes } from './notes';
import type { People } from './people';

/** Takes frames. */
export interface Frames {
	/** apply returns false for a frame in which nothing was news. */
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
				case 'typing_indicator':
					return typing(frame);
				case 'presence':
					return people.presence(frame);
				default:
					return false;
			}
		},
		accepted({ target, content }, frame) {
			history.message({
				...frame, sender_id: me(), content: frame.salt === null ? null : content,
				...('userId' in target ? { receiver_id: target.userId } : {}),
			}, {});
		},
		withPeer: (userId) => withPeer(conversations, me(), userId),
	};
}
