import type { Batch } from '@chainmail/client';
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { IconButton } from '../ui/IconButton';
import { sentence } from '../ui/troubleText';
import styles from './BatchPicture.module.css';
import { BatchFacts, BatchTable } from './BatchTable';
import { counted } from './lifeline';
import { TreeDrawing } from './TreeDrawing';
import { layoutTree, type Layout } from './treelayout';
import type { Batches } from './useBatches';

const blockWidths = [44, 72, 116] as const; // of the steps of the zoom
const measures = { gap: 8, earlierWidth: 116, narrowest: 13, height: 230 };

/** The log's batches, the newest at the right, and above them the tree that the chosen one has signed. */
export function BatchPicture({ batches, hasOlder, loadingOlder, loadOlder, problem }: Batches & { readonly batches: readonly Batch[] }) {
	const [zoom, setZoom] = useState(1);
	const [chosen, setChosen] = useState<number | null>(null);
	const batch = batches.find(({ tree_size: size }) => size === chosen) ?? batches[0];
	const layout = layoutTree(batches, batch?.tree_size ?? 0, { ...measures, blockWidth: blockWidths[zoom] ?? 72 });
	const scroller = useEndInSight(layout.width);
	if (batch === undefined) return null;
	return (
		<div className={styles.picture}>
			<div className={styles.tools}>
				<p>{counted(batch.tree_size, 'event')} under one root. Each block is a batch; what joins them is drawn above.</p>
				<IconButton icon="minus" label="Narrower blocks" disabled={zoom === 0} onClick={() => setZoom(zoom - 1)} />
				<IconButton icon="plus" label="Wider blocks" disabled={zoom === blockWidths.length - 1} onClick={() => setZoom(zoom + 1)} />
			</div>
			<div ref={scroller} className={styles.scroller} tabIndex={-1}>
				<div className={styles.canvas} style={{ width: layout.width }}>
					<TreeDrawing layout={layout} />
					<Blocks layout={layout} chosen={batch} onChoose={(size) => setChosen(size)} />
					{layout.earlier > 0 && (
						<button
							type="button" className={styles.earlier} style={{ width: measures.earlierWidth }} disabled={!hasOlder || loadingOlder}
							onClick={loadOlder}
						>
							{loadingOlder ? 'Loading…' : `${((layout.blocks[0]?.batch.first_position ?? 1) - 1).toLocaleString('en')} earlier`}
						</button>
					)}
				</div>
			</div>
			{problem !== null && <p role="status">{sentence(problem.message)}</p>}
			<BatchFacts batch={batch} isNewest={batch === batches[0]} />
			<BatchTable batches={batches} more={hasOlder && <Button busy={loadingOlder} onClick={loadOlder}>Load older batches</Button>} />
		</div>
	);
}

/** useEndInSight shows the newest at first, and keeps what is seen in its place when older ones come in at the left. */
function useEndInSight(width: number) {
	const ref = useRef<HTMLDivElement>(null);
	const before = useRef(0);
	useLayoutEffect(() => {
		if (ref.current !== null) ref.current.scrollLeft += width - before.current;
		before.current = width;
	}, [width]);
	return ref;
}

function Blocks({ layout, chosen, onChoose }: {
	readonly layout: Layout;
	readonly chosen: Batch;
	readonly onChoose: (treeSize: number) => void;
}) {
	const pressed = (event: KeyboardEvent): void => {
		const at = layout.blocks.findIndex(({ batch }) => batch.tree_size === chosen.tree_size);
		const places: Partial<Record<string, number>> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: layout.blocks.length - 1 };
		const next = layout.blocks[places[event.key] ?? -1];
		if (next === undefined) return;
		event.preventDefault();
		onChoose(next.batch.tree_size);
		event.currentTarget.querySelector<HTMLElement>(`[data-size="${next.batch.tree_size}"]`)?.focus();
	};
	return (
		<div role="radiogroup" aria-label="Batches, the newest last" className={styles.blocks} onKeyDown={pressed}>
			{layout.blocks.map(({ batch, x, width }) => {
				const isChosen = batch.tree_size === chosen.tree_size;
				const size = batch.last_position - batch.first_position + 1;
				return (
					<button
						key={batch.tree_size} type="button" role="radio" aria-checked={isChosen} tabIndex={isChosen ? 0 : -1} data-size={batch.tree_size}
						className={classes(styles.block, isChosen && styles.chosen, batch.tree_size > chosen.tree_size && styles.later)}
						style={{ left: x, width }} onClick={() => onChoose(batch.tree_size)}
						aria-label={`${counted(size, 'event')}, positions ${batch.first_position} to ${batch.last_position}`}
					>
						<strong>{size.toLocaleString('en')}</strong>
						<span>{batch.first_position.toLocaleString('en')}</span>
					</button>
				);
			})}
		</div>
	);
}
