// What there is around the client: a page has a network that comes and goes, a tab that is hidden and shown, and locks. A program in Node has none of them.

/** A place where events happen, as window and document are. */
type Place = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;

/** IndexedDB and Web Locks, where the program's types have them: those of Node, without the DOM's, do not. */
export type DatabaseFactory = typeof globalThis extends { indexedDB: infer Factory } ? Factory : never;
type Locks = typeof globalThis extends { navigator: { locks: infer Locks } } ? Locks : { request: unknown; query: unknown };

/** What the client uses of where it runs. */
export interface Surroundings {
	/** The window, and its document, where there is one. */
	readonly window?: Place;
	readonly document?: Place & { readonly visibilityState: string };
	/** Locks between the tabs of one origin (Web Locks). */
	readonly locks?: Pick<Locks, 'request' | 'query'>;
}

/** surroundings returns those of this program. */
export function surroundings(): Surroundings {
	const found: Partial<Pick<typeof globalThis, 'window' | 'document' | 'navigator'>> = globalThis;
	return {
		...(found.window && { window: found.window }),
		...(found.document && { document: found.document }),
		...(found.window && found.navigator?.locks && { locks: found.navigator.locks }),
	};
}

/**
 * onHope calls the listener when a connection has become likelier: the network is back, or the page is shown again; and `doubt` when the network
 * is said to be gone. It returns what ends that.
 */
export function onHope({ window, document }: Surroundings, listener: () => void, doubt: () => void): () => void {
	const shown = () => {
		if (document?.visibilityState === 'visible') listener();
	};
	window?.addEventListener('online', listener);
	window?.addEventListener('offline', doubt);
	document?.addEventListener('visibilitychange', shown);
	return () => {
		window?.removeEventListener('online', listener);
		window?.removeEventListener('offline', doubt);
		document?.removeEventListener('visibilitychange', shown);
	};
}
