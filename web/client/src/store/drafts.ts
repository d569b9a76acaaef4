// The outbox's messages as the page sees them.

import type { Draft } from '../model';
import type { OutboxMessage } from '../storage';
import { type ConversationRecord, type Conversations, adopt, sameList, touch, withPeer } from './conversations';

/** The drafts, less those that are known to have become messages. */
export interface Drafts {
	/** set takes all messages of the outbox, and reports whether that changes what is shown. */
	set(messages: readonly OutboxMessage[]): boolean;
	/** sent says that a message of this user is known: its draft is gone, also if the outbox still has it. */
	sent(clientMessageId: string): void;
}

/** createDrafts returns none. `me` is asked for when it is needed, since it is known only after the first connection. */
export function createDrafts(conversations: Conversations, me: () => string): Drafts {
	const sent = new Set<string>();
	let drafts = new Map<string, Draft>();

	// spread gives each conversation its drafts, and reports whether any had others.
	function spread(): boolean {
		const byRecord = new Map<ConversationRecord, Draft[]>();
		for (const draft of drafts.values()) {
			const { target } = draft;
			const record = 'userId' in target ? withPeer(conversations, me(), target.userId) : adopt(conversations, me(), target.conversationId, null);
			byRecord.set(record, [...(byRecord.get(record) ?? []), draft]);
		}
		let news = false;
		for (const record of conversations.all) {
			const next = sameList(record.drafts, byRecord.get(record) ?? []);
			if (next === record.drafts) continue;
			record.drafts = next;
			touch(conversations, record);
			news = true;
		}
		return news;
	}

	return {
		set(messages) {
			const next = new Map<string, Draft>();
			for (const message of messages) {
				if (!sent.has(message.key)) next.set(message.key, draftOf(message, drafts.get(message.key)));
			}
			drafts = next;
			return spread();
		},
		sent(clientMessageId) {
			sent.add(clientMessageId);
			if (drafts.delete(clientMessageId)) spread();
		},
	};
}

function draftOf(message: OutboxMessage, known: Draft | undefined): Draft {
	const { key: clientMessageId, target, content, createdAt, status, warning, problem } = message;
	if (known && known.status === status && known.warning?.message_id === warning?.message_id && known.problem?.message === problem?.message
		&& known.problem?.code === problem?.code) return known;
	return { kind: 'draft', clientMessageId, target, content, createdAt, status, warning, problem };
}
