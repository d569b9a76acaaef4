// Delivery is at least once: this is what makes it once.

import type { DurableFrame } from './frames';

/** A frame, or as much of one as tells it from all others. */
type Told = Pick<DurableFrame, 'type' | 'position'> & { readonly message_id?: string };

/** Knows which frames have come. */
export interface Repeats {
	/** isFirst says whether a frame comes for the first time, and remembers it. */
	isFirst(frame: Told): boolean;
	reset(): void;
}

const mostRemembered = 10_000;

/**
 * createRepeats remembers the last 10,000 frames. Of what lies before them in the log nothing is remembered one by one: it counts as a repeat,
 * since pushes come in order of position, and a gap is younger than that.
 */
export function createRepeats(): Repeats {
	const seen = new Map<string, number>(); // key to position, in the order of coming
	let floor = 0; // everything new from here on is in `seen`

	return {
		isFirst(frame) {
			const key = keyOf(frame);
			if (seen.has(key) || frame.position < floor) return false;
			seen.set(key, frame.position);
			for (const [oldest, position] of seen) {
				if (seen.size <= mostRemembered) break;
				seen.delete(oldest);
				floor = Math.max(floor, position + 1);
			}
			return true;
		},
		reset() {
			seen.clear();
			floor = 0;
		},
	};
}

/** keyOf tells the frames of one position apart. */
function keyOf(frame: Told): string {
	const parts: (string | number)[] = [frame.type, frame.position];
	for (const name of ['message_id', 'user_id', 'delivered_count', 'read_count']) {
		const value: unknown = Reflect.get(frame, name);
		if (typeof value === 'string' || typeof value === 'number') parts.push(value);
	}
	return parts.join(' ');
}
