// Access tokens, as the application hands them out.

import type { TokenNeed } from './chainmail';
import { Trouble } from './errors';
import { inTime } from './intime';

/** SignedOut is what Options.token throws when there will be no token: the connection ends, and nothing is asked again. */
export class SignedOut extends Error {
	constructor(message = 'signed out') {
		super(message);
		this.name = 'SignedOut';
	}
}

/** Where the client's parts get tokens. Both reject with what the application's function threw, or with Trouble after 30 s and when the client stops. */
export interface Tokens {
	/** get returns the token at hand. */
	get(need: 'connect' | 'request'): Promise<string>;
	/** renew returns another token than the one that has expired, or is about to. Those who ask at once get the same one. */
	renew(stale: string): Promise<string>;
}

const patience = 30_000; // one that never answers would hold up every connection and request behind it

/** createTokens asks `source`, and never for two renewals at a time. `signal` returns the one that aborts when the client stops. */
export function createTokens(source: (need: TokenNeed) => Promise<string>, signal: () => AbortSignal): Tokens {
	const ask = async (need: TokenNeed): Promise<string> => inTime(source(need), patience, noToken, signal());
	let renewing: Promise<string> | null = null;
	let renewed: { readonly stale: string; readonly token: string } | null = null;
	return {
		async get(need) {
			return renewing ?? ask(need);
		},
		async renew(stale) {
			if (renewing) return renewing;
			if (renewed?.stale === stale && renewed.token !== stale) return renewed.token; // somebody was faster
			renewing = ask('renew');
			try {
				const token = await renewing;
				renewed = { stale, token };
				return token;
			} finally {
				renewing = null;
			}
		},
	};
}

function noToken(): Trouble {
	return new Trouble({ code: 'unreachable', message: 'There is no token to ask with. Try again.', field: null, retryAfter: null, status: null });
}
