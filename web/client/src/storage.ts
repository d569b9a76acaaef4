// Where the outbox lies between two runs.

import type { Draft, Target } from './model';

/** A message that has to reach the server, or that the server would not have. */
export interface OutboxMessage {
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

/** A receipt that has to reach the server. */
export interface OutboxReceipt {
	readonly kind: 'receipt';
	/** The message's id. */
	readonly key: string;
	readonly userId: string;
	readonly status: 'delivered' | 'read';
}

/** What the outbox holds. */
export type OutboxEntry = OutboxMessage | OutboxReceipt;

/**
 * Keeps outbox entries, by user, kind and key. Two implementations: IndexedDB, and memory for where there is none. Each method resolves when what it
 * did would survive a crash of the program, as far as the place can promise that.
 */
export interface OutboxStorage {
	/** load returns all entries of a user that are nobody else's, in the order in which their keys were first put. */
	load(userId: string): Promise<OutboxEntry[]>;
	/** put adds an entry, or replaces the one of the same kind and key at its place. */
	put(entry: OutboxEntry): Promise<void>;
	/** remove takes entries out; what is not there is passed over. */
	remove(userId: string, kind: OutboxEntry['kind'], keys: readonly string[]): Promise<void>;
	/** close lets go of what is held open. The next call opens it again. */
	close(): void;
}
