import type { answers } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { PersonName } from '../people/PersonName';
import { useRequest } from '../ui/useRequest';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { useToast } from '../ui/toasts';
import { HeldWords } from './HeldWords';
import styles from './ReleaseDialog.module.css';

/** Asks once more before a blocked message is sent in its sender's name, and says why the server would not. */
export function ReleaseDialog({ message, onClose, onChanged }: {
	readonly message: answers.BlockedMessage;
	readonly onClose: () => void;
	/** The list is to be loaded again: it was released, or stands otherwise than it seemed. */
	readonly onChanged: () => Promise<void>;
}) {
	const client = useClient();
	const toast = useToast();
	const { busy, problem, run } = useRequest();
	const release = () => run(async () => {
		try {
			await client.api.releaseMessage(message.id);
			toast({ title: 'The message was sent', tone: 'good' });
			onClose();
		} finally {
			await onChanged();
		}
	});
	return (
		<Dialog
			title="Release this message?" onClose={onClose}
			actions={(
				<>
					<Button onClick={onClose} data-autofocus>{problem === null ? 'Cancel' : 'Close'}</Button>
					<Button variant="danger" busy={busy} disabled={problem?.code === 'conflict'} onClick={release}>Release and send</Button>
				</>
			)}
		>
			<div className={styles.body}>
				<p>It is sent now, in the name of <PersonName id={message.sender_id} />. This cannot be taken back, and the log keeps who released it.</p>
				{message.content !== null && <HeldWords>{message.content}</HeldWords>}
				{problem !== null && <p className={styles.problem} role="alert">It was not released: {problem.message}</p>}
			</div>
		</Dialog>
	);
}
