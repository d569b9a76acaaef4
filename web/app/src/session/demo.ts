// Login by a link: #token=JWT, with &with=USER_ID to open a chat at once. What stands behind the # is not sent to a server, so
// the token stays out of its logs. It is kept for this tab alone, so that two tabs can be two users.

import { SignedOut } from '@chainmail/client';
import { read, write } from '../kept';
import { href } from '../router';
import type { Session } from './session';

const name = 'chainmail.link';
const aboutToExpire = 120_000; // the server asks for another token in the last 60 s

/** takeLink takes the token of a link out of the address at once, and says whether there was one. */
export function takeLink(): boolean {
	if (!location.hash.startsWith('#token=')) return false;
	const link = new URLSearchParams(location.hash.slice(1));
	const peer = link.get('with');
	history.replaceState(null, '', href({ view: 'chats', target: peer ? { userId: peer } : null }));
	write('session', name, link.get('token') || null);
	return true;
}

/** linkSession is the session of the link that this tab was opened with; null without one. */
export function linkSession(): Session | null {
	const token = read('session', name);
	if (token === null) return null;
	const expiresAt = expiry(token);
	return {
		kind: 'demo',
		token: async (need) => {
			if (need !== 'renew') return token;
			const left = expiresAt - Date.now();
			// Its last minutes are still good. With more left than that this clock is wrong, and the server's is right.
			if (left > 0 && left < aboutToExpire) throw new Error('A link cannot be renewed.');
			throw new SignedOut('This link has expired.');
		},
		signOut: async () => write('session', name, null),
		close: () => undefined,
	};
}

/** expiry reads when a JWT expires, in milliseconds since 1970 (RFC 7519 §4.1.4); 0 where it does not say. */
function expiry(token: string): number {
	try {
		const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
		const { exp } = JSON.parse(atob(payload)) as { exp?: unknown };
		return typeof exp === 'number' ? exp * 1000 : 0;
	} catch {
		return 0;
	}
}
