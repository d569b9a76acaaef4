// Holds the log to its word.

import type { Api } from '../api';
import { Trouble } from '../errors';
import { openCheckpoint, type OpenedCheckpoint } from './checkpoint';
import { compare } from './compare';
import { sentence } from './ledger';
import type { WitnessMemory } from './memory';
import { Unsigned } from './note';
import { asTrouble, trouble, type Trust } from './trust';
import type { Contradiction, SeenCheckpoint } from './witness';

/** Compares what the log shows with what it has shown. Both functions reject with Trouble as Witness.observe does. */
export interface Observer {
	observe(): Promise<SeenCheckpoint | null>;
	/** hold compares a checkpoint whose signature holds with the last, keeps the newer, and resolves with that. */
	hold(checkpoint: SeenCheckpoint): Promise<SeenCheckpoint>;
}

/** After so many observations in a row of a smaller tree the log has shrunk: it is not that a server lags. */
const patience = 3;

/** createObserver calls changed after the memory has changed. */
export function createObserver(
	api: Pick<Api, 'checkpoint' | 'consistency'>, memory: WitnessMemory, trust: Trust, changed: () => void,
): Observer {
	let behind = 0; // observations in a row that showed less than before
	const last = (): SeenCheckpoint | null => memory.record()?.last ?? null;
	const contradict = (kind: Contradiction['kind'], detail: string, before: string, after: string): Trouble => {
		memory.contradict({ kind, detail, before, after, foundAt: new Date().toISOString() });
		changed();
		return trouble('contradicted', memory.contradiction()?.detail ?? detail);
	};
	const hold = async (checkpoint: SeenCheckpoint): Promise<SeenCheckpoint> => {
		for (;;) { // until no other tab has gone on meanwhile
			const known = memory.contradiction();
			if (known !== null) throw trouble('contradicted', known.detail);
			const before = last();
			if (before !== null) {
				const found = await compare(api, before, checkpoint);
				if (found.outcome === 'behind') throw stale(before);
				if (found.outcome === 'forked') throw contradict('forked', `The log was changed: ${found.reason}.`, before.note, checkpoint.note);
				if (last()?.note !== before.note) continue;
			}
			behind = 0;
			const newest = before === null || checkpoint.treeSize > before.treeSize ? checkpoint : before;
			memory.keep(newest);
			changed();
			return newest;
		}
	};
	const open = async (note: string): Promise<OpenedCheckpoint> => {
		const keys = await trust.keysFor(note);
		try {
			return await openCheckpoint(note, keys);
		} catch (error) {
			if (!(error instanceof Unsigned)) throw asTrouble(error);
			const before = last()?.note ?? keys.map(({ text }) => `${text}\n`).join('');
			throw contradict('foreign_key', `The log shows a checkpoint of another key. ${sentence(error.message)}`, before, note);
		}
	};
	const observe = async (): Promise<SeenCheckpoint | null> => {
		const note = await latest(api);
		const before = last();
		if (note === null && before === null) return null;
		try {
			if (note === null) throw stale(before);
			return await hold(await open(note));
		} catch (error) {
			if (!(error instanceof Trouble) || error.code !== 'stale' || before === null || ++behind < patience) throw error;
			throw contradict('shrunk', `The log has shrunk: it had ${count(before)} events before.`, before.note, note ?? '');
		}
	};
	return { observe, hold };
}

function stale(before: SeenCheckpoint | null): Trouble {
	return trouble('stale', `The server shows less of the log than before, when it had ${count(before)} events: it may lag behind. Try again.`);
}

function count(checkpoint: SeenCheckpoint | null): string {
	return (checkpoint?.treeSize ?? 0).toLocaleString('en');
}

/** latest fetches the newest checkpoint; null while the server has none. */
async function latest(api: Pick<Api, 'checkpoint'>): Promise<string | null> {
	try {
		return await api.checkpoint();
	} catch (error) {
		if (error instanceof Trouble && error.status === 404) return null;
		throw error;
	}
}
