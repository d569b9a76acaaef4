// What the emitter was told already. Frames come at least once; knowing a thing from an answer does not make its frame a repeat.

/** The most that is remembered of each kind. Beyond it the oldest is forgotten: a frame that comes again after so many others counts as new. */
const mostRemembered = 20_000;

/** first reports whether a key comes for the first time, and remembers it. */
export type First = (key: string) => boolean;

/** createTold returns a memory of keys. */
export function createTold(): First {
	const keys = new Set<string>();
	return (key) => {
		if (keys.has(key)) return false;
		keys.add(key);
		for (const oldest of keys) {
			if (keys.size <= mostRemembered) break;
			keys.delete(oldest);
		}
		return true;
	};
}
