import type { Api, Batch } from '@chainmail/client';

/** A message is looked for in so many pages of batches. */
const mostPages = 20;

/** findBatch finds the batch that sealed a position, among the newest pages; null where it is older than these. Rejects with Trouble. */
export async function findBatch(api: Pick<Api, 'batches'>, position: number): Promise<Batch | null> {
	let cursor: string | null = null;
	for (let page = 0; page < mostPages; page++) {
		const { items, next_cursor: next }: Awaited<ReturnType<Api['batches']>> = await api.batches(cursor, 200);
		const found = items.find(({ first_position: first, last_position: last }) => first <= position && position <= last);
		if (found !== undefined) return found;
		if (next === null) return null;
		cursor = next;
	}
	return null;
}

/** mergeBatches joins lists of batches, the newest first, each once. */
export function mergeBatches(...lists: readonly (readonly Batch[])[]): readonly Batch[] {
	const all = new Map(lists.flat().map((batch) => [batch.tree_size, batch]));
	return [...all.values()].sort((a, b) => b.tree_size - a.tree_size);
}

/** hexOf writes a root, which comes in base64, as the other hashes of the page are written. */
export function hexOf(base64: string): string {
	return Array.from(atob(base64), (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
