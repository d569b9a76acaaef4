// A session: how somebody is logged in. Each kind is made in a file of its own.

import type { TokenNeed } from '@chainmail/client';

/** Somebody logged in, by a demo link or by a wallet. */
export interface Session {
	readonly kind: 'demo' | 'wallet';
	/** A token for the client, as Options.token has it. Rejects with SignedOut when the session is over. */
	readonly token: (need: TokenNeed) => Promise<string>;
	/** signOut ends the session, here and on the server. It is over here also when the server can't be told. */
	readonly signOut: () => Promise<void>;
	/** close ends what runs for the session in this tab. The session itself goes on. */
	readonly close: () => void;
}
