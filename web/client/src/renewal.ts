// A connection outlives its token: a new one is shown to the server before the old one expires.

import type { Backoff } from './backoff';
import { SignedOut, type Tokens } from './tokens';

/** Renews the token of one connection at a time. */
export interface Renewal {
	/** begin gets another token than `stale`, however many attempts that takes, until `stop`. */
	begin(stale: string): void;
	stop(): void;
}

/** createRenewal gives each new token to `show`, and calls `signedOut` when there will be none. */
export function createRenewal(
	tokens: Tokens, backoff: Backoff, show: (token: string) => void, signedOut: (reason: string) => void,
): Renewal {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let current = 0; // what an attempt before the last `begin` or `stop` brings is dropped

	async function attempt(stale: string, mine: number): Promise<void> {
		try {
			const token = await tokens.renew(stale);
			if (mine === current) show(token);
		} catch (error) {
			if (mine !== current) return;
			if (error instanceof SignedOut) signedOut(error.message);
			else timer = setTimeout(() => void attempt(stale, mine), backoff.next());
		}
	}
	function stop(): void {
		current += 1;
		clearTimeout(timer);
	}
	return {
		begin(stale) {
			stop();
			backoff.reset();
			void attempt(stale, current);
		},
		stop,
	};
}
