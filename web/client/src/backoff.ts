// How long to wait before another attempt.

/** Delays that grow from attempt to attempt. */
export interface Backoff {
	/** next returns the milliseconds to wait before the next attempt. */
	next(): number;
	/** reset makes the next delay the first again. */
	reset(): void;
}

const longest = 30_000;

/**
 * createBackoff makes delays that double from `first` milliseconds up to 30 s, each times a random number from 0.5 to 1: clients that
 * a restarting server has lost all at once don't come back all at once. `random` returns a number from 0 to 1.
 */
export function createBackoff(first = 500, random: () => number = Math.random): Backoff {
	let attempts = 0;
	return {
		next() {
			const delay = Math.min(longest, first * 2 ** attempts);
			if (delay < longest) attempts += 1;
			return delay * (0.5 + random() / 2);
		},
		reset() {
			attempts = 0;
		},
	};
}
