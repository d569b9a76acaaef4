// Where the outbox lies between two runs.

import type { Draft, Target } from './model';

/** A message or a receipt that has to reach the server. */
export type OutboxEntry =
	| {
		readonly kind: 'message';
		/** The client_message_id. */
		readonly key: string;
		readonly userId: string;
		readonly target: Target;
		readonly content: string;
		readonly createdAt: string;
		readonly status: Draft['status'];
		readonly warning: Draft['warning'];
		readonly problem: Draft['problem'];
	}
	| {
		readonly kind: 'receipt';
		/** The message's id. */
		readonly key: string;
		readonly userId: string;
		readonly status: 'delivered' | 'read';
	};

/**
 * Keeps outbox entries, by kind and key. Two implementations: IndexedDB, and memory for where there is none. Each method resolves when what it
 * did would survive a crash of the program, as far as the place can promise that.
 */
export interface OutboxStorage {
	/** load returns all entries of a user, in the order in which their keys were first put. */
	load(userId: string): Promise<OutboxEntry[]>;
	/** put adds an entry, or replaces the one of the same kind and key at its place. */
	put(entry: OutboxEntry): Promise<void>;
	/** remove takes entries out; what is not there is passed over. */
	remove(kind: OutboxEntry['kind'], keys: readonly string[]): Promise<void>;
	close(): void;
}
