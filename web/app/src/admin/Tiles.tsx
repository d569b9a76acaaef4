import type { answers, Stats } from '@chainmail/client';
import type { ReactNode } from 'react';
import { classes } from '../ui/classes';
import { count, duration, rate } from './figures';
import type { Point } from './series';
import styles from './Tiles.module.css';

const STATES: Readonly<Record<answers.Readiness['status'], readonly [string, string | undefined]>> = {
	ready: ['Ready', styles.good], degraded: ['Degraded', styles.warn], unready: ['Not ready', styles.bad],
};

/** The newest figures. */
export function Tiles({ stats, point, readiness }: {
	readonly stats: Stats;
	readonly point: Point | undefined;
	readonly readiness: answers.Readiness | null;
}) {
	const [state, tone] = readiness === null ? ['–', undefined] : STATES[readiness.status];
	const unsealed = stats.head - stats.sealed;
	const sealed = unsealed <= 0 ? 'all of it sealed' : `sealed up to ${count(stats.sealed)}, ${count(unsealed)} to go`;
	return (
		<dl className={styles.tiles}>
			<Tile name="Server" value={<span className={classes(styles.state, tone)}>{state}</span>} more={readiness?.reason ?? reasonOf(readiness)} />
			<Tile name="Log head" value={count(stats.head)} more={sealed} />
			<Tile name="Connections" value={count(stats.connections)} more={`${count(stats.frames_sent)} frames sent`} />
			<Tile name="Messages" value={<>{rate(point?.messages ?? null)}<small> a second</small></>} more={`${count(stats.messages_sent)} sent, ${count(stats.messages_blocked)} blocked`} />
			<Tile name="Commit, p99" value={duration(point?.commit.p99 ?? null)} more={`${count(stats.commit_seconds.count)} commits`} />
			<Tile name="Delivery, p99" value={duration(point?.delivery.p99 ?? null)} more={`${count(stats.delivery_seconds.count)} deliveries`} />
		</dl>
	);
}

function reasonOf(readiness: answers.Readiness | null): string {
	if (readiness === null) return '';
	return readiness.degraded.length === 0 ? 'it appends and pushes' : `${readiness.degraded.map((d) => d.projection).join(', ')} stands still`;
}

function Tile({ name, value, more }: { readonly name: string; readonly value: ReactNode; readonly more: string }) {
	return (
		<div className={styles.tile}>
			<dt>{name}</dt>
			<dd className={styles.value}>{value}</dd>
			<dd className={styles.more}>{more}</dd>
		</div>
	);
}
