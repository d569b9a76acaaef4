import type { Conversation } from '@chainmail/client';

/** unreadMessages is how many messages of others are not read, in all conversations. */
export function unreadMessages(conversations: readonly Conversation[] | null): number {
	return (conversations ?? []).reduce((sum, { unread }) => sum + unread, 0);
}

/** pageTitle is the document's title. */
export function pageTitle(unread: number): string {
	if (unread === 0) return 'Chainmail';
	return `(${unread > 99 ? '99+' : unread}) Chainmail`;
}
