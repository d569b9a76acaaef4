// The client's face: what an application, the hooks and a program in Node use.

import type { Api } from './api';
import type { Connection, Conversation, Events, Note, Person, Target } from './model';
import type { SocketConstructor } from './socket';
import type { OutboxStorage } from './storage';
import type { Witness } from './proof/witness';

/**
 * Why a token is asked for: `connect` and `request` take the one at hand, `renew` says that it is about to expire or has expired, and
 * wants another.
 */
export type TokenNeed = 'connect' | 'request' | 'renew';

/** What a client is made with. */
export interface Options {
	/** The server's address, such as https://chat.example: no path. */
	readonly url: string;
	/**
	 * Returns an access token. It is asked at each connection and request, and is called again with `renew` before the token expires,
	 * and after it has. If it throws SignedOut the connection ends; after any other error, and without an answer for 30 s, it is asked
	 * again later.
	 */
	readonly token: (need: TokenNeed) => Promise<string>;
	/** Where the outbox lies. Left out: IndexedDB where there is one, else memory. */
	readonly storage?: OutboxStorage;
	/** Where to go on from, for a program that keeps what it received: position and log_id of what it had last. */
	readonly resume?: { readonly since: number; readonly logId: string };
	/**
	 * Whether what comes is remembered for `conversations`, `conversation` and `notes`: all of it, for as long as the client lives.
	 * Left out: true. With false `on` alone tells of it, those three know nothing but drafts, and memory does not grow with messages:
	 * for a program that runs for years.
	 */
	readonly remember?: boolean;
	/** The constructor of sockets. Left out: the global WebSocket. Node before 22 has none: pass that of the package ws. */
	readonly WebSocket?: SocketConstructor;
	/** Left out: the global fetch. */
	readonly fetch?: typeof fetch;
}

/** A connection to Chainmail as one user, which comes back by itself, with all that is known through it. */
export interface Chainmail {
	/** start connects. Twice does nothing. */
	start(): void;
	/** stop closes the connection and resolves when nothing of it runs any more. What waits in the outbox stays. It can be started again. */
	stop(): Promise<void>;
	/** reconnect makes the next attempt now, also after the connection has ended. */
	reconnect(): void;

	/** The state of the connection. */
	connection(): Connection;
	/** This user's id; null until the first connection. */
	userId(): string | null;
	/** The last position that is known completely, and the log's id, for `resume`; null until the first `synced`. */
	progress(): { readonly since: number; readonly logId: string } | null;
	/** on calls the listener at each event of this name, until the function that it returns is called. */
	on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void;
	/** subscribe calls the listener after anything below has changed, at most once for each turn of the event loop. */
	subscribe(listener: () => void): () => void;

	/** The conversations, that with the newest message first; null until they were loaded. */
	conversations(): readonly Conversation[] | null;
	/** The conversation of a target; one with a user exists before its first message. undefined if it is not known. */
	conversation(target: Target): Conversation | undefined;
	/** loadOlder loads the page of history before the first entry. Does nothing when `complete`. Rejects with Trouble. */
	loadOlder(target: Target): Promise<void>;
	/** person returns what is known of a user, and loads him if nothing is: subscribe tells when he is there. */
	person(id: string): Person | undefined;
	/** The inbox, the newest first; null until it was loaded. */
	notes(): readonly Note[] | null;
	/** loadOlderNotes loads the next page of the inbox; resolves with whether there is more. */
	loadOlderNotes(): Promise<boolean>;

	/**
	 * send puts a message into the outbox and resolves with its client_message_id once it would survive a reload there. Messages of one
	 * conversation are sent in order. Rejects with Trouble (`too_large`, `invalid_field`) for what the server would never take, and
	 * when the outbox is full (1,000 messages: `outbox_full`).
	 */
	send(target: Target, content: string): Promise<string>;
	/** retry sends a refused draft again. */
	retry(clientMessageId: string): Promise<void>;
	/** discard takes a draft out of the outbox. What was sent already is not taken back. */
	discard(clientMessageId: string): Promise<void>;
	/** read says that these messages were read. It goes through the outbox. Delivery is told without being asked. */
	read(messageIds: readonly string[]): void;
	/** typing tells the others of a conversation that this user types, at most every 3 s, or no longer does. It may be lost. */
	typing(target: Target, isTyping: boolean): void;
	/** readNote says that a notification was read. */
	readNote(id: string): Promise<void>;
	/** watch asks for the changes of a task or project (`task:ID`, `project:ID`), on each connection anew, until the returned function is called. */
	watch(channel: string): () => void;

	/** The HTTP API with this user's token. */
	readonly api: Api;
	/** What holds the log to its word. */
	readonly witness: Witness;
}
