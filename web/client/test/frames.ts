// Frames as the server would send them.

import type { ChatMessageFrame, ClientFrame, ConversationFrame, MessageSentFrame } from '@chainmail/client';
import { me, other, timestamp } from './scripted';

export const room = '00000000-0000-7000-8000-000000000c01';
export const otherRoom = '00000000-0000-7000-8000-000000000c02';
const hash = '0'.repeat(64);
const salt = '0'.repeat(32);

/** said is a message of another in `room`, at the position 100 + seq. */
export function said(seq: number, fields: Partial<ChatMessageFrame> = {}): ChatMessageFrame {
	return {
		type: 'chat_message', message_id: `m${fields.conversation_id ?? ''}${seq}`, conversation_id: room, seq, position: 100 + seq, sender_id: other,
		content: `message ${seq}`, content_hash: hash, salt, timestamp, ...fields,
	};
}

/** started is the beginning of `room`. */
export function started(fields: Partial<ConversationFrame> = {}): ConversationFrame {
	return {
		type: 'conversation', conversation_id: room, change: 'started', user_id: other, participant_ids: [me, other], title: 'Room', seq: 1, position: 101,
		timestamp, ...fields,
	};
}

/** sent answers a chat_message of this client. */
export function sent(request: ClientFrame, seq: number, fields: Partial<MessageSentFrame> = {}): MessageSentFrame {
	if (request.type !== 'chat_message') throw new Error(`a ${request.type} is no message`);
	return {
		type: 'message_sent', message_id: `m${seq}`, client_message_id: request.client_message_id ?? null, conversation_id: request.conversation_id ?? room,
		seq, position: 100 + seq, content_hash: hash, salt, risk_score: 0, timestamp, duplicate: false, ...fields,
	};
}
