// A store on a scripted API, and frames to feed it.

import type { Api } from '../../src/api';
import type * as answers from '../../src/generated/answers';
import type { ChatMessageFrame, ConversationFrame, MessageSentFrame } from '../../src/generated/frames';
import type { Conversation, Message } from '../../src/model';
import type { OutboxMessage } from '../../src/storage';
import { type Store, createStore } from '../../src/store/store';
import { time } from './world';

/** A store of the user `me`, and how often it said that something has changed. */
export interface Setup {
	readonly store: Store;
	changes(): number;
}

/** setup makes a store whose API has nothing to tell but what the test gives. */
export function setup(api: Partial<Api> = {}): Setup {
	let changes = 0;
	const nothing: Partial<Api> = {
		conversations: async () => ({ value: { items: [], next_cursor: null }, position: 100 }),
		notifications: async () => ({ value: { items: [], next_cursor: null }, position: 100 }),
		history: async () => ({ items: [], next_cursor: null }),
	};
	const store = createStore({ api: { ...nothing, ...api } as Api, remember: true, changed: () => void changes++ });
	store.begin('me');
	return { store, changes: () => changes };
}

/** message is a chat_message to the group `lunch`: its seq, its position 100 more. */
export function message(seq: number, more: Partial<ChatMessageFrame> = {}): ChatMessageFrame {
	return {
		type: 'chat_message', message_id: `m-${seq}`, conversation_id: 'lunch', seq, position: 100 + seq, sender_id: 'ann', content: `words ${seq}`,
		content_hash: '', salt: '00', timestamp: time(100 + seq), ...more,
	};
}

/** change is a conversation frame of the group `lunch`. */
export function change(seq: number, kind: ConversationFrame['change'], user: string, present: string[]): ConversationFrame {
	return {
		type: 'conversation', conversation_id: 'lunch', change: kind, user_id: user, participant_ids: present, title: 'Lunch', seq, position: 100 + seq,
		timestamp: time(100 + seq),
	};
}

/** listed is the group `lunch` of me, ann and bob as the list has it. */
export function listed(more: Partial<answers.Conversation> = {}): answers.Conversation {
	const participants = ['me', 'ann', 'bob'].map((id) => ({ id, name: id, wallet_address: null, online: true, last_seen: null }));
	return { id: 'lunch', title: 'Lunch', direct: false, created_at: time(1), participants, last_message: null, unread_count: 0, ...more };
}

/** past is a message of a page of history. */
export function past(frame: ChatMessageFrame, more: Partial<answers.PastMessage> = {}): answers.PastMessage {
	return { ...frame, id: frame.message_id, erased_at: null, is_delivered: false, is_read: false, receipts: [], ...more };
}

/** draft is a message of the outbox. */
export function draft(key: string, target: OutboxMessage['target'], more: Partial<OutboxMessage> = {}): OutboxMessage {
	return { kind: 'message', key, userId: 'me', target, content: `draft ${key}`, createdAt: time(200), status: 'waiting', warning: null, problem: null, ...more };
}

/** sent is the answer to a draft. */
export function sent(key: string, seq: number, conversation = 'lunch'): MessageSentFrame {
	return {
		type: 'message_sent', message_id: `m-${seq}`, client_message_id: key, conversation_id: conversation, seq, position: 100 + seq, content_hash: '', salt: '00',
		risk_score: 0, timestamp: time(100 + seq), duplicate: false,
	};
}

/** lunch is the group as the store shows it. */
export function lunch(store: Store): Conversation {
	const conversation = store.conversation({ conversationId: 'lunch' });
	if (!conversation) throw new Error('there is no lunch');
	return conversation;
}

/** seqs lists what is shown. */
export function seqs(conversation: Conversation): number[] {
	return conversation.entries.map((entry) => entry.seq);
}

/** messageOf returns a message that is shown. */
export function messageOf(conversation: Conversation, seq: number): Message {
	const entry = conversation.entries.find((other) => other.seq === seq);
	if (entry?.kind !== 'message') throw new Error(`there is no message ${seq}`);
	return entry;
}

/** page answers with one page. */
export function page<T>(items: T[], position = 100): { value: { items: T[]; next_cursor: null }; position: number } {
	return { value: { items, next_cursor: null }, position };
}
