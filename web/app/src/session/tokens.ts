// The tokens of a wallet's session, which all tabs of this browser share.

import type { answers } from '@chainmail/client';
import { read, write } from '../kept';

const name = 'chainmail.session';

/** The tokens of a session, and whose they are. */
export interface Tokens {
	readonly userId: string;
	readonly accessToken: string;
	readonly refreshToken: string;
	/** When the access token expires, in milliseconds since 1970 by this machine's clock. */
	readonly expiresAt: number;
}

/** readTokens returns what was kept; null without a session. */
export function readTokens(): Tokens | null {
	try {
		const kept = JSON.parse(read('local', name) ?? 'null') as Partial<Tokens> | null;
		if (kept === null || typeof kept.userId !== 'string' || typeof kept.refreshToken !== 'string') return null;
		if (typeof kept.accessToken !== 'string' || typeof kept.expiresAt !== 'number') return null;
		return { userId: kept.userId, accessToken: kept.accessToken, refreshToken: kept.refreshToken, expiresAt: kept.expiresAt };
	} catch {
		return null;
	}
}

/** keepTokens keeps the tokens of an answer for all tabs, and returns them. */
export function keepTokens(answer: answers.Tokens): Tokens {
	const tokens = {
		userId: answer.user.id, accessToken: answer.access_token, refreshToken: answer.refresh_token,
		expiresAt: Date.now() + answer.expires_in * 1000,
	};
	write('local', name, JSON.stringify(tokens));
	return tokens;
}

/** dropTokens forgets the session, in all tabs. */
export function dropTokens(): void {
	write('local', name, null);
}

/** onTokens calls the listener when another tab has changed the tokens, until the returned function is called. */
export function onTokens(listener: () => void): () => void {
	const heard = (event: StorageEvent): void => {
		if (event.key === name || event.key === null) listener();
	};
	addEventListener('storage', heard);
	return () => removeEventListener('storage', heard);
}
