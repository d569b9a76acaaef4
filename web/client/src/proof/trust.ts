// Which keys a witness trusts.

import type { Api } from '../api';
import { Trouble } from '../errors';
import { followAnnouncements } from './announcements';
import { openCheckpoint } from './checkpoint';
import { parseKeys, type VerifierKey } from './keys';
import type { WitnessMemory } from './memory';
import { Unsigned } from './note';
import { need, Refused } from './refused';
import { sentence } from './ledger';

/** The keys of a log. */
export interface Trust {
	/** keys are the trusted ones, the newest first. Without given ones, those that are met first are pinned. Rejects with Trouble. */
	keys(): Promise<readonly VerifierKey[]>;
	/**
	 * keysFor are the trusted ones, after the announcements were followed if none of them has signed this checkpoint. Rejects with
	 * Trouble.
	 */
	keysFor(note: string): Promise<readonly VerifierKey[]>;
}

/** createTrust trusts the given verifier keys and what they announce, or else those that the memory has pinned. */
export function createTrust(api: Pick<Api, 'logKeys' | 'keyAnnouncements'>, memory: WitnessMemory, given: readonly string[] | undefined): Trust {
	let announced: readonly VerifierKey[] | null = null; // of given keys: what they announced is followed anew in each process
	const keys = async (): Promise<readonly VerifierKey[]> => {
		if (given !== undefined) return announced ?? parse(given.join('\n'));
		const pinned = memory.keys();
		if (pinned !== null) return parse(pinned);
		const met = await parse(await api.logKeys());
		const meanwhile = memory.keys(); // another tab may have been first
		if (meanwhile !== null) return parse(meanwhile);
		memory.pin(written(met));
		return met;
	};
	const learn = async (trusted: readonly VerifierKey[]): Promise<readonly VerifierKey[]> => {
		const more = await followAnnouncements(trusted, await api.keyAnnouncements());
		if (more.length === trusted.length) return trusted;
		if (given === undefined) memory.pin(written(more));
		else announced = more;
		return more;
	};
	return {
		keys,
		keysFor: async (note) => {
			const trusted = await keys();
			return await isForeign(note, trusted) ? learn(trusted) : trusted;
		},
	};
}

async function isForeign(note: string, trusted: readonly VerifierKey[]): Promise<boolean> {
	try {
		await openCheckpoint(note, trusted);
		return false;
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		return error instanceof Unsigned;
	}
}

/** parse reads keys, one or more and all of one log. */
async function parse(lines: string): Promise<readonly VerifierKey[]> {
	try {
		const keys = await parseKeys(lines);
		need(keys.length > 0, 'the log names no key');
		need(keys.every(({ name }) => name === keys[0]?.name), 'the keys are of different logs');
		return keys;
	} catch (error) {
		throw asTrouble(error);
	}
}

/** written has a key a line. */
function written(keys: readonly VerifierKey[]): string {
	return keys.map(({ text }) => `${text}\n`).join('');
}

/** asTrouble makes a Trouble (`unexpected`) of what was refused. */
export function asTrouble(error: unknown): unknown {
	if (!(error instanceof Refused)) return error;
	return trouble('unexpected', `The server's answer does not hold. ${sentence(error.message)}`);
}

/** trouble makes one that comes from no answer. */
export function trouble(code: string, message: string): Trouble {
	return new Trouble({ code, message, field: null, retryAfter: null, status: null });
}
