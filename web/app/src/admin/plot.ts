// A uPlot in the page's colours. It sets styles through the CSSOM, which the content security policy allows.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { WINDOW_SECONDS } from './series';

/** A colour of ui/tokens.css. */
export type Colour = '--accent' | '--good' | '--warn' | '--bad';

/** A line of a chart. */
export interface Line {
	readonly label: string;
	readonly colour: Colour;
	/** A value for each time; null where there is none, which cuts the line. */
	readonly values: readonly (number | null)[];
}

/** The height of a chart, in pixels. */
export const HEIGHT = 190;

/** 1, 2 and 5 by powers of ten, from a microsecond on. */
const STEPS = Array.from({ length: 16 }, (_, i) => [1, 2, 5].map((step) => Number(`${step}e${i - 6}`))).flat();

const DASHES = [[], [6, 3], [2, 3]]; // lines are told apart without colours too

/**
 * makePlot draws lines into an element. `format` writes the values of the axis, whose steps are at least `least`; `pointed` gets the index
 * under the pointer, null when it has left. Charts of the page share their pointer.
 */
export function makePlot(element: HTMLElement, lines: readonly Pick<Line, 'label' | 'colour'>[], { format, least, pointed }: {
	readonly format: (value: number) => string;
	readonly least: number;
	readonly pointed: (index: number | null) => void;
}): uPlot {
	const style = getComputedStyle(document.documentElement);
	const colour = (name: string) => style.getPropertyValue(name).trim();
	const axis: uPlot.Axis = {
		stroke: colour('--text-faint'), font: `11px ${style.getPropertyValue('--font').trim()}`,
		grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false },
	};
	return new uPlot({
		width: Math.max(element.clientWidth, 200), height: HEIGHT, legend: { show: false },
		cursor: { sync: { key: 'chainmail' }, drag: { setScale: false, x: false, y: false }, points: { size: 7 }, y: false },
		scales: {
			x: { time: true, range: (_, __, max) => [max - WINDOW_SECONDS, max] },
			y: { range: (_, __, max) => [0, max > 0 ? max * 1.15 : 1] },
		},
		axes: [
			{ ...axis, incrs: [60], space: 40, values: '{HH}:{mm}', size: 28 },
			{ ...axis, size: 62, space: 36, incrs: STEPS.filter((step) => step >= least), values: (_, values) => values.map(format) },
		],
		series: [{}, ...lines.map((line, i) => ({
			label: line.label, stroke: colour(line.colour), width: 1.75, dash: DASHES[i % DASHES.length] ?? [],
			fill: lines.length === 1 ? `color-mix(in srgb, ${colour(line.colour)} 12%, transparent)` : 'transparent', points: { show: false },
		}))],
		hooks: { setCursor: [(plot: uPlot) => pointed(plot.cursor.idx ?? null)] },
	}, [[], ...lines.map(() => [])], element);
}
