import { type PointerEvent, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { classes } from '../ui/classes';
import styles from './Chart.module.css';
import { HEIGHT, indexAt, type Line, pathsOf, planeOf, timeTicks, valueTicks, xOf, yOf } from './plot';
import { summary } from './summary';

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** What the charts of a page have in common. */
export interface Shared {
	/** Seconds since 1970, ascending. */
	readonly times: readonly number[];
	/** The pointer's place between the left edge, 0, and the right one, 1; null while it is elsewhere. */
	readonly pointed: number | null;
	readonly onPoint: (place: number | null) => void;
}

/**
 * Lines over the last minutes. Beside their names stand the values under the pointer, else the newest; screen readers get
 * a sentence for each.
 */
export function Chart({ title, hint, lines, format, least = 0, shared }: {
	readonly title: string;
	readonly hint: string;
	readonly lines: readonly Line[];
	readonly format: (value: number | null) => string;
	/** The least step of the axis: 1 where there are whole numbers alone. */
	readonly least?: number;
	readonly shared: Shared;
}) {
	const titleId = useId();
	const { times, pointed } = shared;
	const index = pointed === null ? times.length - 1 : indexAt(pointed, times);
	return (
		<figure className={styles.chart} aria-labelledby={titleId}>
			<figcaption className={styles.caption}>
				<h2 id={titleId}>{title}</h2>
				<p className={styles.hint}>{hint}</p>
				<ul className={styles.legend} aria-hidden="true">
					{lines.map((line, i) => (
						<li key={line.label}>
							<span className={classes(styles.swatch, styles[line.colour], styles[`dash${i}`])} />
							{line.label} <strong>{format(line.values[index] ?? null)}</strong>
						</li>
					))}
				</ul>
			</figcaption>
			<Plot lines={lines} format={format} least={least} shared={shared} pointed={pointed === null ? -1 : index} />
			<ul className="visually-hidden">
				{lines.map((line) => <li key={line.label}>{summary(line.label, line.values, format)}</li>)}
			</ul>
		</figure>
	);
}

function Plot({ lines, format, least, shared: { times, onPoint }, pointed }: {
	readonly lines: readonly Line[];
	readonly format: (value: number) => string;
	readonly least: number;
	readonly shared: Shared;
	/** The index of the time under the pointer, or -1. */
	readonly pointed: number;
}) {
	const element = useRef<HTMLDivElement>(null);
	const width = useWidth(element);
	const plane = useMemo(() => planeOf(width, times, lines), [width, times, lines]);
	const paths = useMemo(() => lines.map((line) => pathsOf(plane, times, line.values)), [plane, times, lines]);
	const { left, right, top, bottom } = plane;
	const moved = (event: PointerEvent): void => {
		const place = (event.clientX - event.currentTarget.getBoundingClientRect().left - left) / (right - left);
		onPoint(Math.min(Math.max(place, 0), 1));
	};
	const x = xOf(plane, times[pointed] ?? 0);
	return (
		<div ref={element} className={styles.plot} aria-hidden="true" onPointerMove={moved} onPointerLeave={() => onPoint(null)}>
			<svg width={width} height={HEIGHT}>
				{valueTicks(plane, least).map((value) => (
					<g key={value} className={styles.tick}>
						<path d={`M${left},${yOf(plane, value)}H${right}`} />
						<text x={left - 8} y={yOf(plane, value) + 4} textAnchor="end">{format(value)}</text>
					</g>
				))}
				{timeTicks(plane).map((time) => (
					<g key={time} className={styles.tick}>
						<path d={`M${xOf(plane, time)},${top}V${bottom}`} />
						<text x={xOf(plane, time)} y={bottom + 18} textAnchor="middle">{CLOCK.format(time * 1000)}</text>
					</g>
				))}
				{lines.map((line, i) => (
					<g key={line.label} className={styles[line.colour]}>
						{lines.length === 1 && <path className={styles.area} d={paths[i]?.area} />}
						<path className={classes(styles.line, styles[`dash${i}`])} d={paths[i]?.line} />
					</g>
				))}
				{pointed >= 0 && <path className={styles.pointer} d={`M${x},${top}V${bottom}`} />}
				{lines.map((line) => {
					const value = line.values[pointed] ?? null;
					return value !== null && <circle key={line.label} className={styles[line.colour]} cx={x} cy={yOf(plane, value)} r={3.5} />;
				})}
			</svg>
		</div>
	);
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
	const [width, setWidth] = useState(0);
	useLayoutEffect(() => {
		const at = element.current;
		if (at === null) return undefined;
		const measure = () => setWidth(at.clientWidth);
		const observer = new ResizeObserver(measure);
		measure();
		observer.observe(at);
		return () => observer.disconnect();
	}, [element]);
	return width;
}
