import { useEffect, useId, useRef, useState } from 'react';
import type uPlot from 'uplot';
import { classes } from '../ui/classes';
import styles from './Chart.module.css';
import { summary } from './summary';
import { HEIGHT, makePlot, type Line } from './plot';
import { useShownTheme } from './useShownTheme';

/** Lines over the last minutes. Beside their names stand the values under the pointer, else the newest; screen readers get a sentence for each. */
export function Chart({ title, hint, times, lines, format, least = 0 }: {
	readonly title: string;
	readonly hint: string;
	/** Seconds since 1970, ascending. */
	readonly times: readonly number[];
	readonly lines: readonly Line[];
	readonly format: (value: number | null) => string;
	/** The least step of the axis: 1 where there are whole numbers alone. */
	readonly least?: number;
}) {
	const element = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot | null>(null);
	const [pointed, setPointed] = useState<number | null>(null);
	const theme = useShownTheme();
	const titleId = useId();
	const names = lines.map((line) => `${line.label}\n${line.colour}`).join('\n');

	useEffect(() => {
		const at = element.current;
		if (at === null) return undefined;
		const made = makePlot(at, lines, { format, least, pointed: setPointed });
		plot.current = made;
		made.setData(dataOf(times, lines));
		const observer = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height: HEIGHT }));
		observer.observe(at);
		return () => {
			observer.disconnect();
			made.destroy();
			plot.current = null;
		};
		// The data come by setData, below.
	}, [names, format, least, theme]);
	useEffect(() => plot.current?.setData(dataOf(times, lines)), [times, lines]);

	const index = pointed !== null && pointed < times.length ? pointed : times.length - 1;
	return (
		<figure className={styles.chart} aria-labelledby={titleId}>
			<figcaption className={styles.caption}>
				<h2 id={titleId}>{title}</h2>
				<p className={styles.hint}>{hint}</p>
				<ul className={styles.legend} aria-hidden="true">
					{lines.map((line, i) => (
						<li key={line.label}>
							<span className={classes(styles.swatch, styles[line.colour.slice(2)], styles[`dash${i}`])} />
							{line.label} <strong>{format(line.values[index] ?? null)}</strong>
						</li>
					))}
				</ul>
			</figcaption>
			<div ref={element} className={styles.plot} aria-hidden="true" />
			<ul className="visually-hidden">{lines.map((line) => <li key={line.label}>{summary(line.label, line.values, format)}</li>)}</ul>
		</figure>
	);
}

function dataOf(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
	return [[...times], ...lines.map((line) => [...line.values])];
}
