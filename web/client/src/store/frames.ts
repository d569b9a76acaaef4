// Frames, each to what it tells of.

import type { MessageSentFrame, ServerFrame, TypingIndicatorFrame } from '../generated/frames';
import type { OutboxMessage } from '../storage';
import { touch } from './conversations';
import { addErasure, addMessage, addReceipts } from './history';
import type { Known } from './known';
import type { Notes } from './notes';
import { addFrame } from './participants';
import type { People } from './people';

/** applyFrame takes a frame, and reports whether anything of it was news. */
export function applyFrame(known: Known, people: People, notes: Notes, frame: ServerFrame): boolean {
	switch (frame.type) {
		case 'chat_message':
			return addMessage(known, frame);
		case 'message_status':
			return addReceipts(known, frame);
		case 'message_erased':
			return addErasure(known, frame);
		case 'conversation':
			return addFrame(known, frame);
		case 'notification':
			return notes.add(frame);
		case 'notification_read':
			return notes.markRead(frame);
		case 'typing_indicator':
			return applyTyping(known, frame);
		case 'presence':
			return people.presence(frame);
		default:
			return false;
	}
}

/** applyAccepted takes the answer to a draft. */
export function applyAccepted(known: Known, { target, content }: OutboxMessage, frame: MessageSentFrame): void {
	const erased = frame.salt === null; // a repeat of what was erased since
	const receiver = 'userId' in target ? { receiver_id: target.userId } : {};
	addMessage(known, { ...frame, sender_id: known.me, content: erased ? null : content, ...receiver });
}

function applyTyping({ conversations }: Known, { conversation_id, sender_id, is_typing }: TypingIndicatorFrame): boolean {
	const record = conversation_id === null ? conversations.byPeer.get(sender_id) : conversations.byId.get(conversation_id);
	if (!record || record.typing.has(sender_id) === is_typing) return false;
	if (is_typing) record.typing.add(sender_id);
	else record.typing.delete(sender_id);
	touch(conversations, record);
	return true;
}
