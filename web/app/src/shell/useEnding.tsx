import { useClient } from '@chainmail/react';
import { type ReactNode, useState } from 'react';
import { useSession } from '../session';
import { Button } from '../ui/Button';
import { endingOf } from './endings';

/** Why the connection ended, what to do, and the button that does it. */
export interface EndingFace {
	readonly title: string;
	readonly advice: string;
	readonly button: ReactNode;
}

/** useEnding is the ending with this reason, for the session at hand: who came by a link needs another one. */
export function useEnding(reason: string | null): EndingFace {
	const client = useClient();
	const { kind, signOut } = useSession();
	const [leaving, setLeaving] = useState(false);
	const { title, advice, remedy } = endingOf(reason);
	if (remedy === 'reconnect') return { title, advice, button: <Button icon="retry" onClick={() => client.reconnect()}>Reconnect</Button> };
	const leave = (): void => {
		setLeaving(true);
		void signOut();
	};
	const link = kind === 'demo';
	return {
		title,
		advice: link ? 'Open a new link to go on, or sign in with a wallet.' : advice,
		button: <Button icon="key" busy={leaving} onClick={leave}>{link ? 'To the login' : 'Sign in again'}</Button>,
	};
}
