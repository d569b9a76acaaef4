import { Trouble, type answers, type Stats, type TypedError } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useEffect, useReducer } from 'react';
import { addReading, emptySeries, type Series } from './series';

const PAUSE = 1_000; // milliseconds
const READINESS_EVERY = 5; // readings: it asks more of the server

/** What the server says of itself, read each second. */
export interface LiveStats {
	readonly series: Series;
	/** null until the first answer. */
	readonly latest: Stats | null;
	readonly readiness: answers.Readiness | null;
	/** Why the last reading failed; null when it did not. */
	readonly problem: TypedError | null;
}

type Step = { readonly stats: Stats } | { readonly readiness: answers.Readiness } | { readonly problem: TypedError };

function next(state: LiveStats, step: Step): LiveStats {
	if ('problem' in step) return { ...state, problem: step.problem };
	if ('readiness' in step) return { ...state, readiness: step.readiness };
	return { ...state, series: addReading(state.series, step.stats), latest: step.stats, problem: null };
}

/** useStats reads the stats a second after the last answer, as long as the tab is visible. */
export function useStats(): LiveStats {
	const client = useClient();
	const [state, dispatch] = useReducer(next, { series: emptySeries, latest: null, readiness: null, problem: null });
	useEffect(() => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		let stopped = false;
		let reading = false;
		let readings = 0;
		const read = async () => {
			reading = true;
			try {
				dispatch({ stats: await client.api.stats() });
				if (readings++ % READINESS_EVERY === 0) dispatch({ readiness: await client.api.readiness() });
			} catch (error) {
				if (!(error instanceof Trouble)) throw error;
				dispatch({ problem: error });
			} finally {
				reading = false;
				if (!stopped && !document.hidden) timer = setTimeout(() => void read(), PAUSE);
			}
		};
		const changed = () => {
			clearTimeout(timer);
			if (!document.hidden && !reading) void read();
		};
		changed();
		document.addEventListener('visibilitychange', changed);
		return () => {
			stopped = true;
			clearTimeout(timer);
			document.removeEventListener('visibilitychange', changed);
		};
	}, [client]);
	return state;
}
