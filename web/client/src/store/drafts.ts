// The outbox's messages as the page sees them: without those that are known to have become messages.

import type { Draft } from '../model';
import type { OutboxMessage } from '../storage';
import { type ConversationRecord, adopt, sameList, touch, withPeer } from './conversations';
import type { Known } from './known';

/** setDrafts takes all messages of the outbox, and reports whether that changes what is shown. */
export function setDrafts(known: Known, messages: readonly OutboxMessage[]): boolean {
	const before = new Map(known.drafts);
	known.drafts.clear();
	for (const message of messages) {
		if (!known.sent.has(message.key)) known.drafts.set(message.key, draftOf(message, before.get(message.key)));
	}
	return spread(known);
}

/** draftSent says that the message of a draft is known. The draft is gone, also if the outbox still has it. */
export function draftSent(known: Known, clientMessageId: string): void {
	known.sent.add(clientMessageId);
	if (known.drafts.delete(clientMessageId)) spread(known);
}

// spread gives each conversation its drafts, and reports whether any had others.
function spread({ conversations, drafts, me }: Known): boolean {
	const byRecord = new Map<ConversationRecord, Draft[]>();
	for (const draft of drafts.values()) {
		const { target } = draft;
		const record = 'userId' in target ? withPeer(conversations, me, target.userId) : adopt(conversations, me, target.conversationId, null);
		const its = byRecord.get(record);
		if (its) its.push(draft);
		else byRecord.set(record, [draft]);
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

function draftOf(message: OutboxMessage, known: Draft | undefined): Draft {
	const { key: clientMessageId, target, content, createdAt, status, warning, problem } = message;
	if (known && known.status === status && known.warning?.message_id === warning?.message_id && known.problem?.message === problem?.message
		&& known.problem?.code === problem?.code) return known;
	return { kind: 'draft', clientMessageId, target, content, createdAt, status, warning, problem };
}
