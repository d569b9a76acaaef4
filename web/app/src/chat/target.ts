// How a conversation is addressed, and by whom.

import type { Conversation, Target } from '@chainmail/client';

/** takesPart says whether a user takes part in a conversation, and not only did once. */
export function takesPart({ peerId, participantIds }: Conversation, userId: string): boolean {
	return peerId !== null || participantIds.includes(userId);
}

/** targetKey returns a string for what a target leads to. */
export function targetKey(target: Target): string {
	return 'userId' in target ? `u/${target.userId}` : `c/${target.conversationId}`;
}

/**
 * targetOf returns the target of a conversation: with a direct one, the other person, so that it stays the same when
 * the first message opens the conversation.
 */
export function targetOf(conversation: Conversation): Target | null {
	if (conversation.peerId !== null) {
		return { userId: conversation.peerId };
	}
	return conversation.id === null ? null : { conversationId: conversation.id };
}
