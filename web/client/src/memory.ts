// The outbox where nothing outlives the program.

import type { OutboxEntry, OutboxStorage } from './storage';

/** memoryStorage keeps entries for as long as it lives itself. */
export function memoryStorage(): OutboxStorage {
	const entries = new Map<string, OutboxEntry>();
	const place = (userId: string, kind: string, key: string) => JSON.stringify([userId, kind, key]);
	return {
		async load(userId) {
			return [...entries.values()].filter((entry) => entry.userId === userId);
		},
		async put(entry) {
			entries.set(place(entry.userId, entry.kind, entry.key), entry);
		},
		async remove(userId, kind, keys) {
			for (const key of keys) entries.delete(place(userId, kind, key));
		},
		close() {},
	};
}
