// The client that the hooks below a provider use.

import type { Chainmail, Connection, Conversation } from '@chainmail/client';
import { type ReactNode, createContext, use, useEffect } from 'react';
import { hold } from './lifetime';
import { useSnapshot } from './snapshot';

const Client = createContext<Chainmail | null>(null);

/**
 * ChainmailProvider gives a client to the hooks below it. It starts the client when it is mounted and stops it when it is unmounted; several providers may
 * have the same client. Make the client once, outside of components.
 */
export function ChainmailProvider({ client, children }: { readonly client: Chainmail; readonly children: ReactNode }): ReactNode {
	useEffect(() => hold(client), [client]);
	return <Client value={client}>{children}</Client>;
}

/** useClient returns the provider's client. Throws outside of a provider. */
export function useClient(): Chainmail {
	const client = use(Client);
	if (!client) throw new Error('a Chainmail hook needs a ChainmailProvider above it');
	return client;
}

/** What a whole page shows. */
export interface ChainmailState {
	readonly client: Chainmail;
	readonly connection: Connection;
	/** null until the first connection. */
	readonly userId: string | null;
	/** That with the newest message first; null until they were loaded. */
	readonly conversations: readonly Conversation[] | null;
}

/** useChainmail returns the provider's client, how it is connected, and the conversations. */
export function useChainmail(): ChainmailState {
	const client = useClient();
	return {
		client,
		connection: useSnapshot(client, () => client.connection()),
		userId: useSnapshot(client, () => client.userId()),
		conversations: useSnapshot(client, () => client.conversations()),
	};
}
