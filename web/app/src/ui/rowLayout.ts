// Where the rows of a long list lie, and where such a list stands, as arithmetic: useWindow.ts has the document's part.

/** The rows of a list, one below the other. Places are in pixels from the list's beginning. */
export interface RowLayout {
	readonly keys: readonly string[];
	/** Where a row begins; for the index after the last one: where the rows end. */
	readonly start: (index: number) => number;
	readonly height: (index: number) => number;
	/** The index of the row at a place: the first or the last one beyond the ends, -1 without rows. */
	readonly at: (place: number) => number;
	/** resize takes a row's height; false if it was known. */
	readonly resize: (index: number, height: number) => boolean;
	/** The height of all, with the room around the rows. */
	readonly total: () => number;
}

/**
 * createLayout lays rows out. `heights` are those known so far, by key, which `resize` adds to; `estimate` guesses the
 * others, once each. `above` and `below` are the room around the rows. A change costs an addition for each row below it,
 * when one of those is next asked for.
 */
export function createLayout(keys: readonly string[], { heights, estimate, above = 0, below = 0 }: {
	readonly heights: Map<string, number>;
	readonly estimate: (index: number) => number;
	readonly above?: number;
	readonly below?: number;
}): RowLayout {
	const own = Float64Array.from(keys, (key, index) => {
		const height = heights.get(key) ?? estimate(index);
		heights.set(key, height);
		return height;
	});
	const starts = new Float64Array(keys.length + 1).fill(above);
	let summed = 0; // the starts up to this index are true

	const start = (index: number): number => {
		for (; summed < index; summed++) {
			starts[summed + 1] = (starts[summed] ?? 0) + (own[summed] ?? 0);
		}
		return starts[index] ?? 0;
	};
	return {
		keys,
		start,
		height: (index) => own[index] ?? 0,
		at: (place) => {
			start(keys.length);
			let low = 0;
			let high = keys.length - 1;
			while (low < high) {
				const middle = Math.ceil((low + high) / 2);
				if ((starts[middle] ?? 0) <= place) {
					low = middle;
				} else {
					high = middle - 1;
				}
			}
			return keys.length === 0 ? -1 : low;
		},
		resize: (index, height) => {
			const key = keys[index];
			if (key === undefined || own[index] === height) {
				return false;
			}
			own[index] = height;
			heights.set(key, height);
			summed = Math.min(summed, index);
			return true;
		},
		total: () => start(keys.length) + below,
	};
}

/**
 * Where a list stands: at a place, whatever is there; at the first of these rows that is still there, `offset` pixels below
 * its beginning (`index` is where it was); or `gap` pixels above the end, and at the end itself as soon as another row than
 * `last` is the last one.
 */
export type Stand =
	| { readonly at: 'place'; readonly place: number }
	| { readonly at: 'row'; readonly rows: readonly { readonly key: string; readonly index: number; readonly offset: number }[] }
	| { readonly at: 'end'; readonly last: string | undefined; readonly gap: number };

/** placeOf is what is to lie at the upper edge of a view of that height. */
export function placeOf(layout: RowLayout, stand: Stand, view: number): number {
	const most = Math.max(0, layout.total() - view);
	switch (stand.at) {
		case 'place':
			return Math.min(stand.place, most);
		case 'end':
			return Math.max(0, most - (stand.last === layout.keys.at(-1) ? stand.gap : 0));
		case 'row':
			for (const { key, index: before, offset } of stand.rows) {
				const index = layout.keys[before] === key ? before : layout.keys.indexOf(key);
				if (index >= 0) {
					return Math.min(Math.max(0, layout.start(index) + offset), most);
				}
			}
			return most;
	}
}

/** standAtRows holds on to the rows in a view of that height, of which the first begins at a place or above it. */
export function standAtRows(layout: RowLayout, place: number, view: number): Stand {
	const first = layout.at(place);
	const last = layout.at(place + view);
	const keys = layout.keys.slice(Math.max(0, first), last + 1);
	return { at: 'row', rows: keys.map((key, i) => ({ key, index: first + i, offset: place - layout.start(first + i) })) };
}

/** standAtEnd holds on to the end. */
export function standAtEnd({ keys }: RowLayout, gap = 0): Stand {
	return { at: 'end', last: keys.at(-1), gap };
}

/** moved is the stand some pixels further down. */
export function moved(stand: Stand, by: number): Stand {
	switch (stand.at) {
		case 'place':
			return { ...stand, place: stand.place + by };
		case 'end':
			return { ...stand, gap: stand.gap - by };
		case 'row':
			return { ...stand, rows: stand.rows.map((row) => ({ ...row, offset: row.offset + by })) };
	}
}
