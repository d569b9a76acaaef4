// A client, made of its parts.

import { createBackoff, type Backoff } from './backoff';
import { createApi } from './calls';
import type { Chainmail, Options } from './chainmail';
import { createEngine, type Engine } from './engine';
import { callSafely } from './emitter';
import { defaultStorage } from './indexeddb';
import type { LinkState } from './link';
import type { Connection } from './model';
import { createWitness } from './proof/createwitness';
import type { SocketConstructor } from './socket';
import { type Surroundings, surroundings } from './surroundings';
import { createTokens } from './tokens';
import { createTyping } from './typing';
import { witnessStorage } from './witnessstorage';

/** What a test may choose, and an application need not. */
export interface Seams {
	readonly backoff: () => Backoff;
	readonly surroundings: Surroundings;
}

/** createChainmail makes a client that is stopped. */
export function createChainmail(options: Options): Chainmail {
	return createWith(options, { backoff: createBackoff, surroundings: surroundings() });
}

/** createWith makes a client with these seams. */
export function createWith(options: Options, seams: Seams): Chainmail {
	let running = new AbortController();
	const signal = (): AbortSignal => running.signal;
	const tokens = createTokens(options.token, signal);
	const api = createApi({ url: options.url, tokens, fetch: options.fetch ?? ((...request) => fetch(...request)), signal });
	const told = createTold();
	const engine = createEngine({
		url: options.url, tokens, api, ...seams,
		resume: options.resume ?? null,
		remember: options.remember ?? true,
		WebSocket: options.WebSocket ?? globalSocket(),
		storage: options.storage ?? defaultStorage(),
		changed: told.changed,
		draftsChanged: look,
		linkChanged: look,
	});
	let connection = connectionOf(engine.link.state(), engine);

	/** look tells of a change of the connection, if there was one. */
	function look(): void {
		const now = connectionOf(engine.link.state(), engine);
		told.changed();
		if (isSame(now, connection)) return;
		connection = now;
		engine.emitter.emit('connection', now);
	}
	const typing = createTyping(engine.link.send);
	return {
		...views(engine),
		...doings(engine),
		start: engine.start,
		async stop() {
			running.abort();
			running = new AbortController();
			await engine.stop();
		},
		reconnect: engine.link.reconnect,
		connection: () => connection,
		on: engine.emitter.on,
		subscribe: told.subscribe,
		typing,
		watch: engine.watches.watch,
		readNote: (id) => api.readNotification(id),
		api,
		witness: createWitness({ api, storage: witnessStorage(options.url) }),
	};
}

/** views are what can be read. */
function views(engine: Engine): Pick<
	Chainmail, 'userId' | 'progress' | 'conversations' | 'conversation' | 'loadOlder' | 'person' | 'notes' | 'loadOlderNotes'
> {
	const { store } = engine;
	return {
		userId: engine.userId,
		progress: engine.link.place,
		conversations: () => store().conversations(),
		conversation: (target) => store().conversation(target),
		loadOlder: (target) => store().loadOlder(target),
		person: (id) => store().person(id),
		notes: () => store().notes(),
		loadOlderNotes: () => store().loadOlderNotes(),
	};
}

/** doings go through the outbox. */
function doings({ outbox, receipts, ready, store }: Engine): Pick<Chainmail, 'send' | 'retry' | 'discard' | 'read'> {
	return {
		async send(target, content) {
			await ready();
			return outbox.add(target, content);
		},
		async retry(key) {
			await ready();
			await outbox.retry(key);
		},
		async discard(key) {
			await ready();
			await outbox.discard(key);
		},
		read(messageIds) {
			receipts.tell('read', store().read(messageIds));
		},
	};
}

/** globalSocket returns the platform's constructor. */
function globalSocket(): SocketConstructor {
	const { WebSocket: found }: { WebSocket?: SocketConstructor } = globalThis;
	if (!found) throw new Error('There is no WebSocket here: pass that of the package ws in the options.');
	return found;
}

function connectionOf(link: LinkState, { outbox }: Engine): Connection {
	return { ...link, unsent: outbox.messages().filter(({ status }) => status === 'waiting').length };
}

function isSame(one: Connection, other: Connection): boolean {
	return one.phase === other.phase && one.unsent === other.unsent && one.reason === other.reason && one.retryAt === other.retryAt;
}

/** createTold tells listeners of changes, of several at once but once. */
function createTold(): { changed(): void; subscribe: Chainmail['subscribe'] } {
	const listeners = new Set<() => void>();
	let planned = false;
	return {
		changed() {
			if (planned) return;
			planned = true;
			queueMicrotask(() => {
				planned = false;
				for (const listener of [...listeners]) callSafely(listener);
			});
		},
		subscribe(listener) {
			const own = () => listener();
			listeners.add(own);
			return () => void listeners.delete(own);
		},
	};
}
