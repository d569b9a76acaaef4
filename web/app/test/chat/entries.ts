// Entries of a conversation for tests.

import type { Change, Conversation, Draft, Message } from '@chainmail/client';

export const me = 'user-me';
export const bob = 'user-bob';
export const carol = 'user-carol';

export function message(seq: number, senderId: string, timestamp: string, more: Partial<Message> = {}): Message {
	return {
		kind: 'message', id: `message-${seq}`, clientMessageId: null, conversationId: 'conversation', seq, position: seq + 10, senderId,
		content: `words ${seq}`, contentHash: '', salt: '', timestamp, erased: false, receipts: [], deliveredCount: 0, readCount: 0,
		progress: 'sent', ...more,
	};
}

export function change(seq: number, userId: string, timestamp: string): Change {
	return { kind: 'change', seq, position: seq + 10, change: 'participant_added', userId, timestamp };
}

export function draft(clientMessageId: string, createdAt: string, more: Partial<Draft> = {}): Draft {
	return {
		kind: 'draft', clientMessageId, target: { conversationId: 'conversation' }, content: 'a draft', createdAt, status: 'waiting',
		warning: null, problem: null, ...more,
	};
}

export function conversation(entries: Conversation['entries'], drafts: readonly Draft[] = []): Conversation {
	return {
		id: 'conversation', peerId: null, title: 'Friends', participantIds: [me, bob, carol], unread: 0, entries, drafts, complete: true,
		typing: [], lastMessage: null, activeAt: '2026-03-01T10:00:00Z',
	};
}
