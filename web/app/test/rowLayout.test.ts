import { describe, expect, it } from 'vitest';
import { createLayout, moved, placeOf, type RowLayout, standAtEnd, standAtRows } from '../src/ui/rowLayout';

const view = 100;

/** layoutOf lays out rows that are as high as their names say: a40 is 40 pixels high. */
function layoutOf(...keys: string[]): RowLayout {
	return createLayout(keys, { heights: new Map(), estimate: (index) => Number(keys[index]?.slice(1)), above: 10, below: 5 });
}

describe('createLayout', () => {
	const layout = layoutOf('a40', 'b20', 'c40');

	it('lays rows below one another', () => {
		expect([0, 1, 2, 3].map(layout.start)).toEqual([10, 50, 70, 110]);
		expect(layout.total()).toBe(115);
	});

	it.each([[-50, 0], [0, 0], [49, 0], [50, 1], [69.5, 1], [70, 2], [109, 2], [5000, 2]])('finds at %d the row %d', (place, want) => {
		expect(layout.at(place)).toBe(want);
	});

	it('has none without rows', () => {
		expect(layoutOf().at(0)).toBe(-1);
		expect(layoutOf().total()).toBe(15);
	});

	it('moves what is below a row that grows', () => {
		const rows = layoutOf('a40', 'b20', 'c40');
		expect(rows.total()).toBe(115);
		expect(rows.resize(1, 30)).toBe(true);
		expect([0, 1, 2, 3].map(rows.start)).toEqual([10, 50, 80, 120]);
		expect(rows.resize(1, 30)).toBe(false);
		expect(rows.resize(3, 30)).toBe(false);
	});

	it('knows heights again by key, and guesses each once', () => {
		const heights = new Map<string, number>();
		let guesses = 0;
		const estimate = () => ++guesses;
		createLayout(['a', 'b'], { heights, estimate }).resize(0, 50);
		expect(createLayout(['older', 'a', 'b'], { heights, estimate }).total()).toBe(3 + 50 + 2);
	});

	it('agrees with sums taken anew, whatever grows in whatever order', () => {
		const rows = layoutOf(...Array.from({ length: 50 }, (_, i) => `r${i}`));
		const heights = Array.from({ length: 50 }, (_, i) => i);
		for (let turn = 0; turn < 200; turn++) {
			const index = turn * 37 % 50;
			heights[index] = turn;
			rows.resize(index, turn);
			const asked = turn * 11 % 51;
			expect(rows.start(asked)).toBe(10 + heights.slice(0, asked).reduce((sum, height) => sum + height, 0));
		}
	});
});

describe('standAtRows', () => {
	const rows = ['a40', 'b20', 'c40', 'd90', 'e90'];

	it('is where it was', () => {
		const layout = layoutOf(...rows);
		for (const place of [0, 5, 55, 70, 195]) {
			expect(placeOf(layout, standAtRows(layout, place, view), view)).toBe(place);
		}
	});

	it('keeps what is in sight in its place when rows come above, or grow there', () => {
		const stand = standAtRows(layoutOf(...rows), 75, view);
		const after = layoutOf('x100', 'y10', ...rows);
		expect(placeOf(after, stand, view)).toBe(185);
		after.resize(0, 130);
		expect(placeOf(after, stand, view)).toBe(215);
	});

	it('holds on to the next row when the first one has gone', () => {
		const stand = standAtRows(layoutOf(...rows), 55, view);
		expect(placeOf(layoutOf('x100', 'c40', 'd90', 'e90'), stand, view)).toBe(110 - 15);
	});

	it('never passes the ends', () => {
		expect(placeOf(layoutOf('d90', 'x40'), standAtRows(layoutOf(...rows), 150, view), view)).toBe(45);
		expect(placeOf(layoutOf('d20'), standAtRows(layoutOf(...rows), 150, view), view)).toBe(0);
	});
});

describe('standAtEnd', () => {
	const layout = layoutOf('a90', 'b90');

	it('is at the end, whatever grows', () => {
		expect(placeOf(layout, standAtEnd(layout), view)).toBe(95);
		expect(placeOf(layoutOf('x50', 'a90', 'b90'), standAtEnd(layout), view)).toBe(145);
	});

	it('stays a little above it, until a row comes', () => {
		expect(placeOf(layout, standAtEnd(layout, 30), view)).toBe(65);
		expect(placeOf(layoutOf('a90', 'b90', 'c90'), standAtEnd(layout, 30), view)).toBe(185);
	});
});

describe('moved', () => {
	const layout = layoutOf('a90', 'b90', 'c90');

	it.each([
		['at a place', { at: 'place', place: 60 } as const], ['at a row', standAtRows(layout, 60, view)], ['at the end', standAtEnd(layout, 125)],
	])('is further down %s', (_, stand) => {
		expect(placeOf(layout, stand, view)).toBe(60);
		expect(placeOf(layout, moved(stand, 20), view)).toBe(80);
	});
});
