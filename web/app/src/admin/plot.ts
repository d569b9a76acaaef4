// The geometry of a chart: where times and values lie, in pixels from its top left corner.

import { WINDOW_SECONDS } from './series';

/** A colour of ui/tokens.css. */
export type Colour = 'accent' | 'good' | 'warn' | 'bad';

/** A line of a chart. */
export interface Line {
	readonly label: string;
	readonly colour: Colour;
	/** A value for each time; null where there is none, which cuts the line. */
	readonly values: readonly (number | null)[];
}

/** The height of a chart, in pixels. */
export const HEIGHT = 190;

/** Where the lines lie: edges in pixels, with the time (seconds since 1970) at the right one and the value at the upper one. */
export interface Plane {
	readonly left: number;
	readonly right: number;
	readonly top: number;
	readonly bottom: number;
	readonly now: number;
	readonly most: number;
}

const VALUE_SPACE = 36; // pixels between two lines of the grid, at least
const TIME_SPACE = 40;
const TIME_STEPS = [60, 120, WINDOW_SECONDS]; // seconds

/**
 * planeOf is the plane of a chart of that width: from 0 to somewhat more than the greatest value, and from a window before
 * the last time to it.
 */
export function planeOf(width: number, times: readonly number[], lines: readonly Line[]): Plane {
	const greatest = Math.max(0, ...lines.flatMap((line) => line.values.map((value) => value ?? 0)));
	const most = greatest > 0 ? greatest * 1.15 : 1;
	return { left: 62, right: Math.max(width - 12, 63), top: 8, bottom: HEIGHT - 28, now: times.at(-1) ?? 0, most };
}

/** xOf is where a time lies. */
export function xOf({ left, right, now }: Plane, time: number): number {
	return tenths(right - (now - time) / WINDOW_SECONDS * (right - left));
}

/** yOf is where a value lies. */
export function yOf({ top, bottom, most }: Plane, value: number): number {
	return tenths(bottom - value / most * (bottom - top));
}

/** stepFrom is the least of 1, 2 and 5 times a power of ten that is `least` or more. `least` is more than 0. */
export function stepFrom(least: number): number {
	const power = Math.floor(Math.log10(least));
	return [1, 2, 5].map((digit) => Number(`${digit}e${power}`)).find((step) => step >= least) ?? Number(`1e${power + 1}`);
}

/** valueTicks are the values at which the grid has a line, from 0 on, with steps of `least` or more. */
export function valueTicks({ top, bottom, most }: Plane, least: number): readonly number[] {
	const step = stepFrom(Math.max(least, most * VALUE_SPACE / (bottom - top)));
	return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** timeTicks are the times at which the grid has a line: whole steps of the clock. */
export function timeTicks({ left, right, now }: Plane): readonly number[] {
	const least = WINDOW_SECONDS * TIME_SPACE / (right - left);
	const step = TIME_STEPS.find((seconds) => seconds >= least) ?? WINDOW_SECONDS;
	const first = Math.ceil((now - WINDOW_SECONDS) / step);
	return Array.from({ length: Math.floor(now / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** pathsOf draws a line, and what lies below it, as data of SVG paths. Both are cut where a value is null. */
export function pathsOf(plane: Plane, times: readonly number[], values: Line['values']): { readonly line: string; readonly area: string } {
	let line = '';
	let area = '';
	let from: number | null = null; // x where the run began that is being drawn
	const end = (): void => {
		area += from === null ? '' : `V${plane.bottom}H${from}Z`;
		from = null;
	};
	for (const [i, time] of times.entries()) {
		const value = values[i] ?? null;
		if (value === null) {
			end();
			continue;
		}
		const x = xOf(plane, time);
		const point = `${from === null ? 'M' : 'L'}${x},${yOf(plane, value)}`;
		from ??= x;
		line += point;
		area += point;
	}
	end();
	return { line, area };
}

/** indexAt is the index of the time nearest to a place between the left edge, 0, and the right one, 1; -1 without times. */
export function indexAt(place: number, times: readonly number[]): number {
	const wanted = (times.at(-1) ?? 0) - (1 - place) * WINDOW_SECONDS;
	const far = (index: number) => Math.abs((times[index] ?? Infinity) - wanted);
	return times.reduce((best, _, i) => far(i) < far(best) ? i : best, -1);
}

function tenths(pixels: number): number {
	return Math.round(pixels * 10) / 10;
}
