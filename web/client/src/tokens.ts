// Access tokens, as the application hands them out.

import type { TokenNeed } from './chainmail';

/** SignedOut is what Options.token throws when there will be no token: the connection ends, and nothing is asked again. */
export class SignedOut extends Error {
	constructor(message = 'signed out') {
		super(message);
		this.name = 'SignedOut';
	}
}

/** Where the client's parts get tokens. Both reject with what the application's function threw. */
export interface Tokens {
	/** get returns the token at hand. */
	get(need: 'connect' | 'request'): Promise<string>;
	/** renew returns another token than the one that has expired, or is about to. Those who ask at once get the same one. */
	renew(stale: string): Promise<string>;
}

/** createTokens asks `source`, and never for two renewals at a time. */
export function createTokens(source: (need: TokenNeed) => Promise<string>): Tokens {
	let renewing: Promise<string> | null = null;
	let renewed: { readonly stale: string; readonly token: string } | null = null;
	return {
		async get(need) {
			return renewing ?? source(need);
		},
		async renew(stale) {
			if (renewing) return renewing;
			if (renewed?.stale === stale && renewed.token !== stale) return renewed.token; // somebody was faster
			renewing = source('renew');
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
