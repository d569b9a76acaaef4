// Chance with a seed, so that what has failed fails again.

/** A source of chance. */
export interface Random {
	/** below returns an integer from 0 to n - 1. */
	below(n: number): number;
	/** chance is true in p of all cases. */
	chance(p: number): boolean;
	pick<T>(items: readonly T[]): T;
	shuffle<T>(items: readonly T[]): T[];
}

/** random returns the source of a seed (mulberry32). */
export function random(seed: number): Random {
	let state = seed >>> 0;
	function next(): number {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	}
	const below = (n: number): number => Math.floor(next() * n);
	return {
		below,
		chance: (p) => next() < p,
		pick(items) {
			const item = items[below(items.length)];
			if (item === undefined) throw new Error('there is nothing to pick from');
			return item;
		},
		shuffle(items) {
			const left = [...items];
			return items.flatMap(() => left.splice(below(left.length), 1));
		},
	};
}
