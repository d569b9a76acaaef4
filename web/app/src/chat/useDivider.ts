import type { Conversation } from '@chainmail/client';
import { useEffect, useMemo, useState } from 'react';
import { attentive } from './attention';
import { firstUnread } from './rows';

interface Caught {
	/** The newest seq that was in sight. */
	readonly seq: number;
	/** Where the new messages begin: by count while the conversation was opened, later by the message. */
	readonly divider: { readonly unread: number; readonly upTo: number } | { readonly after: number } | null;
}

/**
 * useDivider says above which message (its id) the line “New messages” stands, and how many messages of others came
 * since the end was last in sight. The line stays until this user writes, so that nobody loses his place by looking.
 */
export function useDivider(conversation: Conversation, userId: string, atEnd: boolean) {
	const newest = newestSeq(conversation);
	const [caught, setCaught] = useState<Caught>(() => ({
		seq: newest,
		divider: conversation.unread > 0 ? { unread: conversation.unread, upTo: newest } : null,
	}));
	const looking = atEnd && attentive();
	useEffect(() => {
		setCaught((before) => caughtUp(before, conversation, userId, looking));
	}, [conversation, userId, looking]);
	const { divider, seq } = caught;
	const firstNew = useMemo(() => {
		if (divider === null) {
			return null;
		}
		return 'after' in divider
			? firstAfter(conversation, userId, divider.after)
			: firstUnread(conversation, userId, divider.unread, divider.upTo);
	}, [conversation, userId, divider]);
	const behind = useMemo(() => atEnd ? 0 : othersAfter(conversation, userId, seq), [conversation, userId, seq, atEnd]);
	return { firstNew, behind };
}

function caughtUp(before: Caught, conversation: Conversation, userId: string, looking: boolean): Caught {
	const newest = newestSeq(conversation);
	const last = conversation.entries.at(-1);
	const sent = last?.kind === 'message' && last.senderId === userId && last.seq > before.seq;
	const wrote = sent || conversation.drafts.some((draft) => draft.status === 'waiting');
	if (wrote) {
		return before.divider === null && before.seq === newest ? before : { seq: newest, divider: null };
	}
	if (newest <= before.seq) {
		return before;
	}
	if (looking) {
		return { ...before, seq: newest };
	}
	// Somebody who was up to date has gone, or has scrolled back: what comes from here on is new to him.
	const marked = before.divider !== null && 'after' in before.divider && before.divider.after === before.seq;
	return marked || othersAfter(conversation, userId, before.seq) === 0 ? before : { ...before, divider: { after: before.seq } };
}

function newestSeq(conversation: Conversation): number {
	return Math.max(conversation.entries.at(-1)?.seq ?? 0, conversation.lastMessage?.seq ?? 0);
}

function firstAfter(conversation: Conversation, userId: string, seq: number): string | null {
	let id: string | null = null;
	for (let i = conversation.entries.length - 1; i >= 0; i--) {
		const entry = conversation.entries[i];
		if (entry === undefined || entry.seq <= seq) {
			break;
		}
		id = entry.kind === 'message' && entry.senderId !== userId ? entry.id : id;
	}
	return id;
}

function othersAfter(conversation: Conversation, userId: string, seq: number): number {
	let count = 0;
	for (let i = conversation.entries.length - 1; i >= 0; i--) {
		const entry = conversation.entries[i];
		if (entry === undefined || entry.seq <= seq) {
			break;
		}
		count += entry.kind === 'message' && entry.senderId !== userId ? 1 : 0;
	}
	return count;
}
