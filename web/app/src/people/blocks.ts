// Whom this user has blocked can be changed in several places of the page; no frame tells of it.

import type { answers, Api, Page } from '@chainmail/client';

/** allBlocked are the people whom this user has blocked, whichever page of the list they are on. Rejects with Trouble. */
export async function allBlocked(api: Pick<Api, 'blocks'>): Promise<readonly answers.User[]> {
	const all: answers.User[] = [];
	for (let cursor: string | null | undefined; cursor !== null;) {
		const page: Page<answers.User> = await api.blocks(cursor);
		all.push(...page.items);
		cursor = page.next_cursor;
	}
	return all;
}

const listeners = new Set<() => void>();

/** blocksChanged is called after somebody was blocked or unblocked. */
export function blocksChanged(): void {
	for (const listener of listeners) listener();
}

/** onBlocks calls the listener after each change, until the returned function is called. */
export function onBlocks(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}
