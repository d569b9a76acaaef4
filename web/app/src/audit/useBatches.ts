import { Trouble, type Batch } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useEffect, useState } from 'react';
import { mergeBatches } from './batches';

/** The log's batches, as far as they were loaded. */
export interface Batches {
	/** The newest first, without a hole; null until they were loaded. */
	readonly batches: readonly Batch[] | null;
	readonly hasOlder: boolean;
	readonly loadingOlder: boolean;
	readonly problem: Trouble | null;
	readonly loadOlder: () => void;
}

interface State {
	readonly batches: readonly Batch[] | null;
	readonly cursor: string | null;
	readonly loadingOlder: boolean;
	readonly problem: Trouble | null;
}

const nothing: State = { batches: null, cursor: null, loadingOlder: false, problem: null };

/** useBatches loads the newest batches, and again when the tree has grown to another size. */
export function useBatches(treeSize: number): Batches {
	const client = useClient();
	const [state, setState] = useState(nothing);
	useEffect(() => {
		let ended = false;
		client.api.batches().then(
			({ items, next_cursor: next }) => !ended && setState((before) => refreshed(before, items, next)),
			(error: unknown) => {
				if (!(error instanceof Trouble)) throw error;
				if (!ended) setState((before) => ({ ...before, problem: error }));
			},
		);
		return () => {
			ended = true;
		};
	}, [client, treeSize]);
	const loadOlder = async (): Promise<void> => {
		if (state.cursor === null || state.loadingOlder) return;
		setState((before) => ({ ...before, loadingOlder: true }));
		try {
			const { items, next_cursor: next } = await client.api.batches(state.cursor);
			setState((before) => ({ batches: mergeBatches(before.batches ?? [], items), cursor: next, loadingOlder: false, problem: null }));
		} catch (error) {
			if (!(error instanceof Trouble)) throw error;
			setState((before) => ({ ...before, loadingOlder: false, problem: error }));
		}
	};
	return { ...state, hasOlder: state.cursor !== null, loadOlder: () => void loadOlder() };
}

/** refreshed puts the newest page before what is there, or in its place where there would be a hole between. */
function refreshed(before: State, items: readonly Batch[], next: string | null): State {
	const oldest = items.at(-1);
	const joins = before.batches !== null && oldest !== undefined && before.batches.some(({ tree_size: size }) => size >= oldest.first_position - 1);
	if (!joins || before.batches === null) return { ...nothing, batches: items, cursor: next };
	return { ...before, batches: mergeBatches(before.batches, items), problem: null };
}
