// The lists are loaded once, after the first `synced`: what comes later comes as frames.

import type { Backoff } from './backoff';

/** Loads once, however many attempts that takes. */
export interface Loading {
	/** begin loads, unless that is done or under way. */
	begin(load: () => Promise<void>): void;
	/** stop makes no further attempt. */
	stop(): void;
	/** reset says that what was loaded is of no use any more. */
	reset(): void;
}

/** createLoading makes one that has loaded nothing. */
export function createLoading(backoff: Backoff): Loading {
	let done = false;
	let current = 0; // the attempts that count; 0 while there are none
	let last = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;

	async function attempt(load: () => Promise<void>, mine: number): Promise<void> {
		try {
			await load();
			if (mine !== current) return;
			current = 0;
			done = true;
			backoff.reset();
		} catch {
			if (mine === current) timer = setTimeout(() => void attempt(load, mine), backoff.next());
		}
	}
	function stop(): void {
		current = 0;
		clearTimeout(timer);
	}
	return {
		begin(load) {
			if (done || current !== 0) return;
			current = last += 1;
			void attempt(load, current);
		},
		stop,
		reset() {
			stop();
			done = false;
		},
	};
}
