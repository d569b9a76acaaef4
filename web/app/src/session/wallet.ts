// A session that began with a wallet's signature: its tokens are renewed as long as it lives.

import { SignedOut, Trouble } from '@chainmail/client';
import { logOut, refresh } from './auth';
import type { Session } from './session';
import { dropTokens, keepTokens, readTokens, type Tokens } from './tokens';

const spare = 30_000; // an access token is used up to this long before it expires
const pauses = [500, 1_500, 3_500]; // the old refresh token is good for 10 s after an answer that got lost

/** The part of the Web Locks API that is used: https://w3c.github.io/web-locks/. */
export type Locks = Pick<LockManager, 'request'>;

/** walletSession is the session whose tokens this browser keeps; null without one. Where there are no Web Locks, each tab renews for itself. */
export function walletSession(locks: Locks | undefined = navigator.locks as LockManager | undefined): Session | null {
	const first = readTokens();
	if (first === null) return null;
	const { userId } = first;
	const closed = new AbortController();
	let given: string | null = null; // the access token that was handed out last
	let renewal: Promise<string> | null = null;

	/** current is what the browser keeps now, which another tab may have changed. Throws SignedOut if it is not this session's any more. */
	const current = (): Tokens => {
		const tokens = readTokens();
		if (tokens === null) throw new SignedOut('You have signed out.');
		if (tokens.userId !== userId) throw new SignedOut('Somebody else has signed in in this browser.');
		return tokens;
	};
	const hand = (tokens: Tokens): string => (given = tokens.accessToken);
	const renew = async (): Promise<string> => {
		const tokens = current();
		if (tokens.accessToken !== given && fresh(tokens)) return hand(tokens); // another tab was quicker
		return hand(keepTokens(await insist(tokens.refreshToken, closed.signal)));
	};
	const token: Session['token'] = async (need) => {
		const tokens = current();
		if (need !== 'renew' && fresh(tokens)) return hand(tokens);
		renewal ??= exclusively(locks, closed.signal, renew).finally(() => (renewal = null));
		return renewal;
	};
	const signOut = (): Promise<void> => exclusively(locks, undefined, async () => {
		const tokens = readTokens();
		if (tokens?.userId !== userId) return;
		dropTokens();
		await logOut(tokens.refreshToken, { keepalive: true }).catch(() => undefined); // it expires by itself
	});
	return { kind: 'wallet', token, signOut, close: () => closed.abort() };
}

function fresh(tokens: Tokens): boolean {
	return tokens.expiresAt - spare > Date.now();
}

/** exclusively runs one at a time of all tabs. */
async function exclusively<T>(locks: Locks | undefined, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
	if (locks === undefined) return run();
	return locks.request('chainmail.session', signal === undefined ? {} : { signal }, run);
}

/** insist changes the refresh token for new tokens, again where no answer came. Throws SignedOut when the server refuses. */
async function insist(refreshToken: string, signal: AbortSignal): ReturnType<typeof refresh> {
	for (let attempt = 0; ; attempt++) {
		try {
			return await refresh(refreshToken, { signal });
		} catch (error) {
			if (!(error instanceof Trouble)) throw error;
			if (error.status === 401) {
				dropTokens();
				throw new SignedOut(ended(error.message));
			}
			const pause = pauses[attempt];
			if (pause === undefined || (error.status !== null && error.status < 500)) throw error;
			await wait(pause, signal);
		}
	}
}

function ended(reason: string): string {
	if (!reason.includes('reused')) return 'Your session has ended.';
	return 'Your session was ended for safety: its key was used twice, so somebody may have had a copy.';
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		signal.throwIfAborted();
		const stop = (): void => {
			clearTimeout(timer);
			reject(signal.reason);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener('abort', stop);
			resolve();
		}, milliseconds);
		signal.addEventListener('abort', stop, { once: true });
	});
}
