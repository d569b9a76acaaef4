// What the end of a connection means to a person. The reasons are those of docs/protocol.md, "Connecting", or a sentence of the session.

import { sentence } from '../ui/troubleText';

/** An ending in words, and what helps. */
export interface Ending {
	readonly title: string;
	/** What to do. */
	readonly advice: string;
	readonly remedy: 'sign_in' | 'reconnect';
}

const signInAgain = { advice: 'Sign in again to go on.', remedy: 'sign_in' } as const;

const endings: Partial<Record<string, Ending>> = {
	'token missing': { title: 'You are not signed in.', ...signInAgain },
	'token invalid': { title: 'The server does not know this login.', ...signInAgain },
	'token expired': { title: 'Your login has expired.', ...signInAgain },
	'session ended': { title: 'This session was ended, here or on another device.', ...signInAgain },
	'signed out': { title: 'You have signed out.', ...signInAgain },
	'user not found or inactive': {
		title: 'This account is not active.', advice: 'Ask whoever runs this server, or sign in with another account.', remedy: 'sign_in',
	},
	'too many connections': {
		title: 'You have too many connections open.',
		advice: 'An account can have 20 at a time, over all tabs and devices. Close some of them, then reconnect.', remedy: 'reconnect',
	},
};

/** endingOf is the ending with this reason. */
export function endingOf(reason: string | null): Ending {
	const known = endings[reason ?? ''];
	if (known !== undefined) return known;
	if (reason === null) return { title: 'The connection has ended.', advice: 'Reconnect to go on.', remedy: 'reconnect' };
	const title = sentence(reason);
	// The session says in a sentence why there will be no token; the server's other reasons are no sentences.
	return reason.endsWith('.') ? { title, ...signInAgain } : { title, advice: 'Reconnect to go on.', remedy: 'reconnect' };
}

/** waitingWords says what waits in the outbox; nothing for 0. */
export function waitingWords(unsent: number): string {
	if (unsent === 0) return '';
	return unsent === 1 ? '1 message waits to be sent.' : `${unsent} messages wait to be sent.`;
}
