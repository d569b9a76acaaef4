import { useMemo, useState } from 'react';
import { Spinner } from '../ui/Spinner';
import { Chart } from './Chart';
import { count, duration, rate } from './figures';
import styles from './Overview.module.css';
import type { Line } from './plot';
import { Projections } from './Projections';
import { LATENCY_SECONDS, type Latency, type Point } from './series';
import { Tiles } from './Tiles';
import type { LiveStats } from './useStats';

const rated = (value: number | null) => rate(value);
const whole = (value: number | null) => value === null ? '–' : count(value);
const OVER = `last ${LATENCY_SECONDS} s`;

/** How the server is doing: figures, charts of the last minutes, projections. */
export function Overview({ live }: { readonly live: LiveStats }) {
	const { series: { points }, latest, readiness, problem } = live;
	const [pointed, setPointed] = useState<number | null>(null);
	const times = useMemo(() => points.map((point) => point.time), [points]);
	const lines = useMemo(() => linesOf(points), [points]);
	const shared = { times, pointed, onPoint: setPointed };
	if (latest === null) {
		return problem === null
			? <p className={styles.waiting}><Spinner label="Loading figures" /></p>
			: <p className={styles.problem} role="alert">The server does not say how it is doing: {problem.message}</p>;
	}
	return (
		<div className={styles.overview}>
			{problem !== null && <p className={styles.problem} role="alert">These figures are old: {problem.message}</p>}
			<Tiles stats={latest} point={points.at(-1)} readiness={readiness} />
			<div className={styles.charts}>
				<Chart title="Throughput" hint="a second" lines={lines.throughput} format={rated} least={0.1} shared={shared} />
				<Chart title="Connections" hint="open sockets of this server" lines={lines.connections} format={whole} least={1} shared={shared} />
				<Chart title="Commit" hint={`of the log, ${OVER}`} lines={lines.commit} format={duration} shared={shared} />
				<Chart title="Delivery" hint={`append to socket, ${OVER}`} lines={lines.delivery} format={duration} shared={shared} />
			</div>
			<Projections projections={latest.projections} head={latest.head} />
		</div>
	);
}

function linesOf(points: readonly Point[]): Readonly<Record<'throughput' | 'connections' | 'commit' | 'delivery', readonly Line[]>> {
	return {
		throughput: [
			{ label: 'Messages', colour: 'accent', values: points.map((p) => p.messages) },
			{ label: 'Events', colour: 'good', values: points.map((p) => p.events) },
		],
		connections: [{ label: 'Connections', colour: 'accent', values: points.map((p) => p.connections) }],
		commit: quantileLines(points.map((p) => p.commit)),
		delivery: quantileLines(points.map((p) => p.delivery)),
	};
}

function quantileLines(latencies: readonly Latency[]): readonly Line[] {
	return [
		{ label: 'p50', colour: 'good', values: latencies.map((l) => l.p50) },
		{ label: 'p95', colour: 'warn', values: latencies.map((l) => l.p95) },
		{ label: 'p99', colour: 'bad', values: latencies.map((l) => l.p99) },
	];
}
