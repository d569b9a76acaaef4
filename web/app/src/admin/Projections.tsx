import type { Stats } from '@chainmail/client';
import { classes } from '../ui/classes';
import { count, duration } from './figures';
import styles from './Projections.module.css';

/** What reads the log, how far each has come, and why one stands still. */
export function Projections({ projections, head }: { readonly projections: Stats['projections']; readonly head: number }) {
	return (
		<div className={styles.section}>
			<h2 id="projections">Projections</h2>
			<p className={styles.hint}>What reads the log, whose head is {count(head)}, and keeps tables and sockets up with it.</p>
			<div className={styles.scroller} tabIndex={0} role="region" aria-labelledby="projections">
				<table className={styles.table}>
					<thead>
						<tr><th scope="col">Name</th><th scope="col">Position</th><th scope="col">Lag</th><th scope="col">Behind</th><th scope="col">State</th></tr>
					</thead>
					<tbody>
						{projections.map((p) => (
							<tr key={p.projection}>
								<th scope="row">{p.projection}</th>
								<td>{count(p.position)}</td>
								<td>{p.lag_events === 0 ? '–' : `${count(p.lag_events)} ${p.lag_events === 1 ? 'event' : 'events'}`}</td>
								<td>{p.lag_seconds === 0 ? '–' : duration(p.lag_seconds)}</td>
								<td>
									<span className={classes(styles.state, p.stopped === null ? styles.good : styles.bad)}>{p.stopped === null ? 'goes on' : 'stands still'}</span>
									{p.stopped !== null && <span className={styles.reason}>{p.stopped}</span>}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</div>
	);
}
