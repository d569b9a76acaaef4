import { type answers, Trouble } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useState } from 'react';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { TimeAgo } from '../ui/TimeAgo';
import { useToast } from '../ui/toasts';
import { sentence } from '../ui/troubleText';
import { deviceOf } from './device';
import styles from './lists.module.css';
import { Loaded, useLoaded } from './loaded';

/** One's sessions on all devices. Any but this one can be ended. */
export function SessionsDialog({ onClose }: { readonly onClose: () => void }) {
	const client = useClient();
	const sessions = useLoaded(async () => (await client.api.sessions()).items);
	return (
		<Dialog title="Sessions" onClose={onClose}>
			<p className={styles.about}>Where you are signed in. End what you do not know.</p>
			<Loaded of={sessions}>
				{(items) => (
					<ul className={styles.list}>
						{items.map((session) => <Entry key={session.id} session={session} onEnded={sessions.load} />)}
					</ul>
				)}
			</Loaded>
		</Dialog>
	);
}

function Entry({ session, onEnded }: { readonly session: answers.OpenSession; readonly onEnded: () => void }) {
	const client = useClient();
	const toast = useToast();
	const [busy, setBusy] = useState(false);
	const end = async (): Promise<void> => {
		setBusy(true);
		try {
			await client.api.endSession(session.id);
			onEnded();
		} catch (error) {
			if (!(error instanceof Trouble)) throw error;
			toast({ title: 'The session was not ended.', message: sentence(error.message), tone: 'bad' });
		}
		setBusy(false);
	};
	return (
		<li className={styles.entry}>
			<span className={styles.icon}><Icon name={session.auth === 'wallet' ? 'wallet' : 'key'} /></span>
			<div className={styles.text}>
				<strong>{deviceOf(session.user_agent)}</strong>
				<p>{session.current ? 'This session' : <>Last used <TimeAgo at={session.last_used_at} /></>}</p>
			</div>
			{!session.current && <Button variant="danger" busy={busy} onClick={() => void end()}>End</Button>}
		</li>
	);
}
