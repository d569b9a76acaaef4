import { describe, expect, it } from 'vitest';
import { HEIGHT, indexAt, type Line, pathsOf, type Plane, planeOf, stepFrom, timeTicks, valueTicks, xOf, yOf } from '../../src/admin/plot';

const plane: Plane = { left: 0, right: 300, top: 0, bottom: 100, now: 1300, most: 50 };

function line(...values: (number | null)[]): Line {
	return { label: 'Messages', colour: 'accent', values };
}

describe('planeOf', () => {
	it('reaches from 0 to somewhat more than the greatest value of all lines', () => {
		expect(planeOf(600, [10], [line(1, null), line(20, 3)])).toMatchObject({ left: 62, right: 588, bottom: HEIGHT - 28, now: 10, most: 23 });
	});

	it('has room also without times, values or width', () => {
		expect(planeOf(0, [], [line()])).toMatchObject({ right: 63, now: 0, most: 1 });
	});
});

describe('xOf and yOf', () => {
	it('have the newest time at the right edge, the window’s begin at the left one, and 0 at the bottom', () => {
		expect([1000, 1150, 1300].map((time) => xOf(plane, time))).toEqual([0, 150, 300]);
		expect([0, 25, 50].map((value) => yOf(plane, value))).toEqual([100, 50, 0]);
	});
});

describe('stepFrom', () => {
	it.each([[1, 1], [1.1, 2], [2, 2], [3, 5], [5, 5], [5.1, 10], [999, 1000], [0.0003, 0.0005], [0.1, 0.1], [0.11, 0.2]])('%d: %d', (least, want) => {
		expect(stepFrom(least)).toBe(want);
	});
});

describe('valueTicks', () => {
	it('begin at 0 and leave room between two', () => {
		expect(valueTicks(plane, 0)).toEqual([0, 20, 40]);
	});

	it('have steps of the least or more', () => {
		expect(valueTicks({ ...plane, most: 1 }, 1)).toEqual([0, 1]);
		expect(valueTicks({ ...plane, most: 0.9 }, 1)).toEqual([0]);
	});
});

describe('timeTicks', () => {
	it('are the whole minutes of the window', () => {
		expect(timeTicks(plane)).toEqual([1020, 1080, 1140, 1200, 1260]);
	});

	it('are fewer where there is hardly room', () => {
		expect(timeTicks({ ...plane, right: 120 })).toEqual([1080, 1200]);
		expect(timeTicks({ ...plane, right: 1 })).toEqual([1200]);
	});
});

describe('pathsOf', () => {
	it('cuts the line and the area where a value is missing', () => {
		const { line, area } = pathsOf(plane, [1000, 1100, 1150, 1200, 1300], [0, 25, null, 50, 50]);
		expect(line).toBe('M0,100L100,50M200,0L300,0');
		expect(area).toBe('M0,100L100,50V100H0ZM200,0L300,0V100H200Z');
	});

	it('draws nothing where nothing was measured', () => {
		expect(pathsOf(plane, [1000, 1300], [null, null])).toEqual({ line: '', area: '' });
	});
});

describe('indexAt', () => {
	it('finds the nearest time', () => {
		const times = [1000, 1100, 1290, 1300];
		expect([0, 0.1, 0.3, 0.9, 0.99, 1].map((place) => indexAt(place, times))).toEqual([0, 0, 1, 2, 3, 3]);
	});

	it('finds none without times', () => {
		expect(indexAt(0.5, [])).toBe(-1);
	});
});
