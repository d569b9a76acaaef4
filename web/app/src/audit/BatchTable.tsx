import type { Batch } from '@chainmail/client';
import type { ReactNode } from 'react';
import { hexOf } from './batches';
import styles from './BatchTable.module.css';
import { counted } from './lifeline';
import { moment } from './moments';
import { Facts, Hash } from './Page';
import { peaksOf } from './treelayout';

/** What is known of the chosen batch. */
export function BatchFacts({ batch, isNewest }: { readonly batch: Batch; readonly isNewest: boolean }) {
	const { first_position: first, last_position: last, tree_size: treeSize } = batch;
	const sizes = peaksOf(treeSize).map(([from, to]) => (to - from).toLocaleString('en'));
	return (
		<div aria-live="polite">
			<h3 className={styles.heading}>{isNewest ? 'The newest batch' : 'The chosen batch'}</h3>
			<Facts
				facts={[
					['Events', `${counted(last - first + 1, 'event')}: positions ${first.toLocaleString('en')} to ${last.toLocaleString('en')}`],
					['Sealed', `${moment(batch.sealed_at)}, by the event at position ${batch.position.toLocaleString('en')}`],
					['Root', <Hash key="root">{hexOf(batch.root)}</Hash>],
					['Made of', sizes.length === 1
						? `one complete subtree of ${counted(treeSize, 'event')}`
						: `complete subtrees of ${sizes.join(' + ')} events`],
				]}
			/>
		</div>
	);
}

/** The picture as a table. */
export function BatchTable({ batches, more }: { readonly batches: readonly Batch[]; readonly more: ReactNode }) {
	return (
		<details className={styles.details}>
			<summary>The batches as a table</summary>
			<div className={styles.scroller} tabIndex={0} role="region" aria-label="The batches">
				<table className={styles.table}>
					<thead>
						<tr>{['Sealed', 'Events', 'Positions', 'Tree size', 'Root'].map((column) => <th key={column} scope="col">{column}</th>)}</tr>
					</thead>
					<tbody>
						{batches.map((batch) => (
							<tr key={batch.tree_size}>
								<td>{moment(batch.sealed_at)}</td>
								<td>{(batch.last_position - batch.first_position + 1).toLocaleString('en')}</td>
								<td>{batch.first_position.toLocaleString('en')}–{batch.last_position.toLocaleString('en')}</td>
								<td>{batch.tree_size.toLocaleString('en')}</td>
								<td><code>{hexOf(batch.root)}</code></td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{more}
		</details>
	);
}
