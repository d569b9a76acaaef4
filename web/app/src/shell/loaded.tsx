import { Trouble } from '@chainmail/client';
import { type ReactNode, useEffect, useEffectEvent, useState } from 'react';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { Spinner } from '../ui/Spinner';
import { sentence } from '../ui/troubleText';
import styles from './lists.module.css';

/** Something that is asked for when it is shown. */
export interface Loading<T> {
	/** null until it was loaded. */
	readonly value: T | null;
	readonly problem: Trouble | null;
	/** load asks again. What is there stays until the answer. */
	readonly load: () => void;
}

/** useLoaded asks `source` once, and at each call of load. */
export function useLoaded<T>(source: () => Promise<T>): Loading<T> {
	const [round, setRound] = useState(0);
	const [{ value, problem }, setState] = useState<{ value: T | null; problem: Trouble | null }>({ value: null, problem: null });
	const ask = useEffectEvent(source);
	useEffect(() => {
		let ended = false;
		ask().then(
			(loaded) => !ended && setState({ value: loaded, problem: null }),
			(error: unknown) => {
				if (!(error instanceof Trouble)) throw error;
				if (!ended) setState((before) => ({ ...before, problem: error }));
			},
		);
		return () => {
			ended = true;
		};
	}, [round]);
	return { value, problem, load: () => setRound((before) => before + 1) };
}

/** Shows what was loaded, or that it is on its way, or why it does not come. */
export function Loaded<T>({ of: { value, problem, load }, children }: { readonly of: Loading<T>; readonly children: (value: T) => ReactNode }) {
	if (value !== null) return children(value);
	if (problem === null) return <div className={styles.waiting}><Spinner /></div>;
	return (
		<EmptyState icon="offline" title="This could not be loaded">
			<p>{sentence(problem.message)}</p>
			<Button icon="retry" onClick={load}>Try again</Button>
		</EmptyState>
	);
}
