import { Trouble, type Contradiction, type WitnessRecord } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useEffect, useState, useSyncExternalStore } from 'react';

/** What the witness has seen, kept up to date. */
export interface Witnessed {
	readonly record: WitnessRecord | null;
	readonly contradiction: Contradiction | null;
	/** Why the last look could not be made, or showed less than before; null when all is well. A contradiction is none. */
	readonly problem: Trouble | null;
	readonly looking: boolean;
	/** look fetches the latest checkpoint now. */
	readonly look: () => void;
}

const pause = 10_000; // about as often as the log is sealed

/** useWitness looks at the log's latest checkpoint at once, and again and again while the page is seen. */
export function useWitness(): Witnessed {
	const client = useClient();
	const { witness } = client;
	const record = useSyncExternalStore(witness.subscribe, witness.record);
	const contradiction = useSyncExternalStore(witness.subscribe, witness.contradiction);
	const [round, setRound] = useState(0);
	const [{ looking, problem }, setState] = useState<{ looking: boolean; problem: Trouble | null }>({ looking: true, problem: null });
	useEffect(() => {
		let ended = false;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const show = (found: Trouble | null): void => {
			if (!ended) setState({ looking: false, problem: found });
		};
		const look = async (): Promise<void> => {
			try {
				if (!document.hidden) await witness.observe();
				show(null);
			} catch (error) {
				if (!(error instanceof Trouble)) throw error;
				show(error.code === 'contradicted' ? null : error);
			}
			if (!ended) timer = setTimeout(() => void look(), pause);
		};
		void look();
		return () => {
			ended = true;
			clearTimeout(timer);
		};
	}, [witness, round]);
	const look = (): void => {
		setState((before) => ({ ...before, looking: true }));
		setRound((before) => before + 1);
	};
	return { record, contradiction, problem, looking, look };
}
