import { type answers, Trouble } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useState } from 'react';
import { allBlocked, blocksChanged } from '../people/blocks';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { EmptyState } from '../ui/EmptyState';
import { useToast } from '../ui/toasts';
import { sentence } from '../ui/troubleText';
import styles from './lists.module.css';
import { Loaded, useLoaded } from './loaded';

/** Whom one has blocked. */
export function BlockedDialog({ onClose }: { readonly onClose: () => void }) {
	const client = useClient();
	const blocks = useLoaded(() => allBlocked(client.api));
	return (
		<Dialog title="Blocked people" onClose={onClose}>
			<Loaded of={blocks}>
				{(people) => people.length === 0
					? <EmptyState icon="block" title="Nobody is blocked">Whom you block can neither write to you nor see when you are online.</EmptyState>
					: (
						<ul className={styles.list}>
							{people.map((person) => <Entry key={person.id} person={person} onUnblocked={blocks.load} />)}
						</ul>
					)}
			</Loaded>
		</Dialog>
	);
}

function Entry({ person, onUnblocked }: { readonly person: answers.User; readonly onUnblocked: () => void }) {
	const client = useClient();
	const toast = useToast();
	const [busy, setBusy] = useState(false);
	const unblock = async (): Promise<void> => {
		setBusy(true);
		try {
			await client.api.unblock(person.id);
			onUnblocked();
			blocksChanged();
		} catch (error) {
			if (!(error instanceof Trouble)) throw error;
			toast({ title: `${person.name} is still blocked.`, message: sentence(error.message), tone: 'bad' });
		}
		setBusy(false);
	};
	return (
		<li className={styles.entry}>
			<Avatar id={person.id} name={person.name} />
			<strong className={styles.text}>{person.name}</strong>
			<Button busy={busy} onClick={() => void unblock()}>Unblock</Button>
		</li>
	);
}
