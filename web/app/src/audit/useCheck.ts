import { Trouble, type answers, type Verdict } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useEffect, useState } from 'react';

/**
 * How the check of a message's proof stands. `unsealed`: there is no proof yet, and the next attempt is at `retryAt`, in milliseconds since
 * 1970. `failed`: it could not be made, which says nothing about the message.
 */
export type Check =
	| { readonly phase: 'checking'; readonly verdict: Verdict | null }
	| { readonly phase: 'done'; readonly verdict: Verdict; readonly proof: answers.MessageProof }
	| { readonly phase: 'unsealed'; readonly retryAt: number }
	| { readonly phase: 'failed'; readonly problem: Trouble };

/** useCheck checks a message's proof at once and whenever `again` is called, and by itself until it is sealed. */
export function useCheck(messageId: string): { readonly check: Check; readonly again: () => void } {
	const client = useClient();
	const [check, setCheck] = useState<Check>({ phase: 'checking', verdict: null });
	const [round, setRound] = useState(0);
	useEffect(() => {
		let ended = false;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const show = (next: Check): void => {
			if (!ended) setCheck(next);
		};
		const told = (verdict: Verdict): Promise<void> => {
			show({ phase: 'checking', verdict });
			return ended ? Promise.resolve() : painted();
		};
		const run = async (): Promise<void> => {
			try {
				show({ phase: 'done', ...await client.witness.verify(messageId, told) });
			} catch (error) {
				if (!(error instanceof Trouble)) throw error;
				if (error.status !== 404 || error.retryAfter === null) return show({ phase: 'failed', problem: error });
				show({ phase: 'unsealed', retryAt: Date.now() + error.retryAfter * 1000 });
				if (!ended) timer = setTimeout(() => void run(), error.retryAfter * 1000);
			}
		};
		show({ phase: 'checking', verdict: null });
		void run();
		return () => {
			ended = true;
			clearTimeout(timer);
		};
	}, [client, messageId, round]);
	return { check, again: () => setRound((before) => before + 1) };
}

/** painted resolves when the browser has had the time to show what is new. A page that nobody sees paints nothing and does not wait. */
function painted(): Promise<void> {
	if (document.hidden) return Promise.resolve();
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, 100); // it may be hidden meanwhile
		requestAnimationFrame(() => {
			clearTimeout(timer);
			resolve();
		});
	});
}
