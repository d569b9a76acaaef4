// What a check of a proof has found, told step by step, so that a page can show the check itself.

/** A step of a check. What a step needs of one that failed is not checked: such a step has `ok` null. */
export interface Step {
	/**
	 * `form`: the proof's forms say the same. `checkpoint`: a trusted key signed the checkpoint. `leaf`: the leaf is an event of this
	 * message at this
	 * position. `path`: the path leads from the leaf to the signed root. `words`: the words have the hash that the leaf has.
	 * `history`: the tree contains every tree that was seen before.
	 */
	readonly name: 'form' | 'checkpoint' | 'leaf' | 'path' | 'words' | 'history';
	readonly ok: boolean | null;
	/** A sentence for a person: what was found. */
	readonly detail: string;
}

/** One level of the way from the leaf to the root. Hashes are lower-case hex. */
export interface PathNode {
	/** The hash that the proof gives. */
	readonly sibling: string;
	/** On which side of the way it lies. */
	readonly side: 'left' | 'right';
	/** What both make. */
	readonly result: string;
}

/** The event that a leaf holds (docs/verification.md, 6). */
export interface LeafEvent {
	readonly position: number;
	readonly eventId: string;
	readonly stream: string;
	readonly streamVersion: number;
	readonly type: string;
	readonly payload: Readonly<Record<string, unknown>>;
	readonly metadata: Readonly<Record<string, unknown>>;
	/** RFC 3339 with microseconds. */
	readonly recordedAt: string;
}

/** The outcome of a check. */
export interface Verdict {
	/** Every step holds. */
	readonly ok: boolean;
	readonly steps: readonly Step[];
	/** The event, where the leaf could be read. */
	readonly event: LeafEvent | null;
	readonly index: number;
	readonly treeSize: number;
	/** Lower-case hex, as the leaf's bytes give it; null where they could not be read. */
	readonly leafHash: string | null;
	readonly path: readonly PathNode[];
	/** The signed root, lower-case hex; null where the checkpoint could not be opened. */
	readonly root: string | null;
	/** The verifier key that signed, null where none did. */
	readonly key: string | null;
}
