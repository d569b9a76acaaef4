import { useCallback, useEffect, useRef, useState } from 'react';

const near = 6; // rows from the top at which older ones are loaded

/** Loading what is older than the first entry. */
export interface Older {
	readonly loading: boolean;
	/** The last attempt failed: scrolling does not repeat it, so that a server in trouble is left alone. */
	readonly failed: boolean;
	readonly load: () => void;
}

/** useOlder loads the pages of a history one by one: by `load`, and when the first row in sight is near the top. */
export function useOlder(complete: boolean, firstIndex: number, loadOlder: () => Promise<void>): Older {
	const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');
	const busy = useRef(false);
	const load = useCallback(() => {
		if (busy.current) {
			return;
		}
		busy.current = true;
		setState('loading');
		void loadOlder().then(() => 'idle' as const, () => 'failed' as const).then((outcome) => {
			busy.current = false;
			setState(outcome);
		});
	}, [loadOlder]);
	const wanted = !complete && state === 'idle' && firstIndex < near;
	useEffect(() => {
		if (wanted) {
			load();
		}
	}, [wanted, load]);
	return { loading: state === 'loading', failed: state === 'failed', load };
}
