// What a witness remembers, in its storage.

import type { Contradiction, SeenCheckpoint, WitnessRecord, WitnessStorage } from './witness';

/** The witness's memory. Every read asks the storage, since another tab may have written; what has not changed is the same object. */
export interface WitnessMemory {
	/** The pinned keys, a key a line, the newest first; null before. */
	keys(): string | null;
	pin(keys: string): void;
	record(): WitnessRecord | null;
	/** keep makes a checkpoint the last one, and counts it. */
	keep(checkpoint: SeenCheckpoint): void;
	contradiction(): Contradiction | null;
	/** contradict keeps a contradiction, unless there is one: the first is the evidence. */
	contradict(contradiction: Contradiction): void;
	forget(): void;
}

/** createMemory reads and writes a storage. Time is RFC 3339, by this machine's clock. */
export function createMemory(storage: WitnessStorage, now: () => string): WitnessMemory {
	const record = reader<WitnessRecord>(storage, 'record', ({ last, since, checkpoints }) =>
		typeof last?.note === 'string' && typeof last.root === 'string' && Number.isSafeInteger(last.treeSize) &&
		typeof since === 'string' && Number.isSafeInteger(checkpoints));
	const contradiction = reader<Contradiction>(storage, 'contradiction', ({ before, after }) =>
		typeof before === 'string' && typeof after === 'string');
	return {
		keys: () => storage.get('keys'),
		pin: (keys) => storage.set('keys', keys),
		record,
		keep: ({ treeSize, root, origin, note }) => {
			const before = record();
			const next: WitnessRecord = {
				last: { treeSize, root, origin, note },
				since: before?.since ?? now(),
				checkpoints: (before?.checkpoints ?? 0) + (before?.last.root === root ? 0 : 1),
				checkedAt: now(),
			};
			storage.set('record', JSON.stringify(next));
		},
		contradiction,
		contradict: (found) => {
			if (contradiction() === null) storage.set('contradiction', JSON.stringify(found));
		},
		forget: () => {
			for (const name of ['keys', 'record', 'contradiction']) storage.remove(name);
		},
	};
}

/** reader reads a value that was kept as JSON. What is not of this shape counts as nothing: only this code writes there. */
function reader<T>(storage: WitnessStorage, name: string, fits: (value: T) => boolean): () => T | null {
	let read: { readonly text: string | null; readonly value: T | null } = { text: null, value: null };
	return () => {
		const text = storage.get(name);
		if (text !== read.text) read = { text, value: text === null ? null : parse(text, fits) };
		return read.value;
	};
}

function parse<T>(text: string, fits: (value: T) => boolean): T | null {
	try {
		const value = JSON.parse(text) as T | null;
		return value !== null && fits(value) ? value : null;
	} catch {
		return null;
	}
}
