import { Trouble, type TypedError } from '@chainmail/client';
import { useState } from 'react';

/** useRequest runs a dialog's request, one at a time, and says whether it is under way and what went wrong with the last one. */
export function useRequest(): { readonly busy: boolean; readonly problem: TypedError | null; readonly run: (request: () => Promise<void>) => void } {
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<TypedError | null>(null);
	const run = (request: () => Promise<void>) => {
		if (busy) return;
		setBusy(true);
		setProblem(null);
		request().catch((error: unknown) => {
			if (!(error instanceof Trouble)) throw error;
			setProblem(error);
		}).finally(() => setBusy(false));
	};
	return { busy, problem, run };
}
