// One clock for all that shows how long ago something was: it ticks at each full minute while anything on the page shows it.

import { useSyncExternalStore } from 'react';

const minute = 60_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined; // runs while there are listeners

function schedule(): void {
	timer = setTimeout(() => {
		schedule();
		for (const listener of listeners) listener();
	}, minute - (Date.now() % minute));
}

function subscribe(listener: () => void): () => void {
	if (listeners.size === 0) schedule();
	listeners.add(listener);
	return () => {
		listeners.delete(listener);
		if (listeners.size === 0) clearTimeout(timer);
	};
}

/** The time, and again after each full minute. What it returns is never older than that. */
export function useNow(): Date {
	useSyncExternalStore(subscribe, () => Math.floor(Date.now() / minute));
	return new Date();
}
