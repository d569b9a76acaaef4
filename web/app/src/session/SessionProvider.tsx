import { type Chainmail, createChainmail, type Me, Trouble } from '@chainmail/client';
import { ChainmailProvider } from '@chainmail/react';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { linkSession, takeLink } from './demo';
import type { Session } from './session';
import { onTokens, readTokens } from './tokens';
import { walletSession } from './wallet';

/** What the page may do with its session. */
export interface SessionFace {
	readonly kind: Session['kind'];
	/** signOut ends the session and leads to the login. */
	readonly signOut: () => Promise<void>;
}

const MeContext = createContext<Me | null>(null);
const SessionContext = createContext<SessionFace | null>(null);

/** useMe is the user of this page, with his role. Only within SessionProvider's children. */
export function useMe(): Me {
	return present(useContext(MeContext));
}

/** useSession is the session of this page. Within SessionProvider's children and its `waiting`. */
export function useSession(): SessionFace {
	return present(useContext(SessionContext));
}

function present<T>(value: T | null): T {
	if (value === null) throw new Error('This is used within SessionProvider alone.');
	return value;
}

/** openSession is the session that this tab has: that of its link, else that of this browser's wallet. */
function openSession(): Session | null {
	return linkSession() ?? walletSession();
}

/**
 * Logs in and makes the client. Shows `login` without a session, `waiting` until it is known who has logged in, then `children`. `login` calls
 * `begun` once the browser keeps tokens.
 */
export function SessionProvider({ login, waiting, children }: {
	readonly login: (begun: () => void) => ReactNode;
	readonly waiting: ReactNode;
	readonly children: ReactNode;
}) {
	const [{ session, key }, setState] = useState(() => ({ session: openSession(), key: 0 }));
	const open = (next: Session | null): void => setState((before) => ({ session: next, key: before.key + 1 }));
	useEffect(() => () => session?.close(), [session]);
	useOtherTabs(session, open);
	useEffect(() => {
		const moved = (): void => {
			if (takeLink()) open(linkSession());
		};
		addEventListener('hashchange', moved);
		return () => removeEventListener('hashchange', moved);
	}, []);
	if (session === null) return login(() => open(walletSession()));
	const signOut = async (): Promise<void> => {
		await session.signOut();
		open(null);
	};
	return (
		<SessionContext value={{ kind: session.kind, signOut }}>
			<SignedIn key={key} session={session} waiting={waiting}>{children}</SignedIn>
		</SessionContext>
	);
}

/** useOtherTabs follows what another tab does with the wallet's session: whoever signs in or out there does it here too. */
function useOtherTabs(session: Session | null, open: (session: Session | null) => void): void {
	useEffect(() => {
		if (session?.kind === 'demo') return undefined;
		const userId = session === null ? null : readTokens()?.userId ?? null;
		return onTokens(() => {
			if ((readTokens()?.userId ?? null) !== userId) open(walletSession());
		});
	}, [session]);
}

function SignedIn({ session, waiting, children }: { readonly session: Session; readonly waiting: ReactNode; readonly children: ReactNode }) {
	const [client] = useState(() => createChainmail({ url: location.origin, token: session.token }));
	const me = useLoadedMe(client);
	return (
		<ChainmailProvider client={client}>
			{me === null ? waiting : <MeContext value={me}>{children}</MeContext>}
		</ChainmailProvider>
	);
}

const pause = 2_000;

/** useLoadedMe asks who this is until the server says so, but not again after a refusal: the connection says why. */
function useLoadedMe(client: Chainmail): Me | null {
	const [me, setMe] = useState<Me | null>(null);
	useEffect(() => {
		const ended = new AbortController();
		let timer: ReturnType<typeof setTimeout> | undefined;
		const load = async (): Promise<void> => {
			try {
				const loaded = await client.api.me();
				if (!ended.signal.aborted) setMe(loaded);
			} catch (error) {
				const refused = !(error instanceof Trouble) || error.status === 401;
				if (!ended.signal.aborted && !refused) timer = setTimeout(load, pause);
			}
		};
		void load();
		return () => {
			ended.abort();
			clearTimeout(timer);
		};
	}, [client]);
	return me;
}
