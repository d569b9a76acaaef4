// The witness remembers what the log has claimed, and holds it to that.

import type { MessageProof } from '../generated/answers';
import type { Told } from './ledger';
import type { Verdict } from './verdict';

/** A checkpoint whose signature was checked. */
export interface SeenCheckpoint {
	readonly treeSize: number;
	/** Lower-case hex. */
	readonly root: string;
	readonly origin: string;
	/** The signed note. */
	readonly note: string;
}

/** The log contradicts what was seen before: both notes are the evidence. It stays until `forget`. */
export interface Contradiction {
	readonly kind: 'forked' | 'shrunk' | 'foreign_key';
	/** A sentence for a person. */
	readonly detail: string;
	readonly before: string;
	readonly after: string;
	/** RFC 3339, by this machine's clock. */
	readonly foundAt: string;
}

/** Keeps one text a name. In a browser it is localStorage, else memory. */
export interface WitnessStorage {
	get(name: string): string | null;
	set(name: string, value: string): void;
	remove(name: string): void;
}

/** What a witness has seen so far without a contradiction. Times are RFC 3339, by this machine's clock. */
export interface WitnessRecord {
	/** The newest checkpoint, which contains all that were seen before. */
	readonly last: SeenCheckpoint;
	/** When the first one was seen. */
	readonly since: string;
	/** How many different ones were seen. */
	readonly checkpoints: number;
	/** When the last one was last seen. */
	readonly checkedAt: string;
}

/** The witness of one log. It trusts the keys that it was given, or else those that it met first, and follows their announcements. */
export interface Witness {
	/** keys returns the verifier keys that are trusted, the newest first. Rejects with Trouble when they can't be had. */
	keys(): Promise<readonly string[]>;
	/** The newest checkpoint that was seen and found consistent; null before. */
	last(): SeenCheckpoint | null;
	/** Since when, and over how many checkpoints, the log has kept its word; null before the first. */
	record(): WitnessRecord | null;
	/** What the log has contradicted itself in; null if nothing. */
	contradiction(): Contradiction | null;
	/**
	 * observe fetches the latest checkpoint and checks it against the last. Resolves with the newest that is consistent, or with null
	 * before the first
	 * seal. Rejects with Trouble: `contradicted` where there is a contradiction, `unexpected` for what is no checkpoint, `stale` when the
	 * server is behind what it showed
	 * before (three times in a row makes a contradiction of it), `cannot_verify` where WebCrypto is missing.
	 */
	observe(): Promise<SeenCheckpoint | null>;
	/**
	 * verify fetches a message's proof and checks all of it, also against the last checkpoint. Rejects with Trouble if there is no proof yet
	 * (`not_found` with retryAfter) or no answer. What the server sends is never believed: a proof that does not hold is a Verdict with
	 * `ok` false.
	 * `told` is called with what was found so far, after each step and each level of the path.
	 */
	verify(messageId: string, told?: Told): Promise<{ readonly proof: MessageProof; readonly verdict: Verdict }>;
	/** forget drops keys, checkpoint and contradiction: the next ones are believed. For an owner who knows why the log has changed. */
	forget(): void;
	/** subscribe calls the listener after `last` or `contradiction` have changed, until the returned function is called. */
	subscribe(listener: () => void): () => void;
}
