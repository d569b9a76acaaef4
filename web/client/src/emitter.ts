// Events by name, to whoever listens.

/** An emitter of the events E: names, and what comes with each. */
export interface Emitter<E> {
	/** on calls the listener at each event of this name, until the function that it returns is called. */
	on<K extends keyof E>(name: K, listener: (event: E[K]) => void): () => void;
	/** emit calls the listeners in the order in which they came. What one throws is reported, and stops no other. */
	emit<K extends keyof E>(name: K, event: E[K]): void;
}

/** createEmitter makes an emitter without listeners. */
export function createEmitter<E>(): Emitter<E> {
	const listeners: { [K in keyof E]?: Set<(event: E[K]) => void> } = {};
	return {
		on(name, listener) {
			const own = (event: Parameters<typeof listener>[0]) => listener(event); // so that one listener may be added twice
			const all = (listeners[name] ??= new Set());
			all.add(own);
			return () => void all.delete(own);
		},
		emit(name, event) {
			for (const listener of [...(listeners[name] ?? [])]) callSafely(() => listener(event));
		},
	};
}

/** callSafely calls a listener. What it throws is an uncaught error of its own, as that of any event listener. */
export function callSafely(listener: () => void): void {
	try {
		listener();
	} catch (error) {
		queueMicrotask(() => {
			throw error;
		});
	}
}
