// Whom this user has blocked can be changed in several places of the page; no frame tells of it.

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
