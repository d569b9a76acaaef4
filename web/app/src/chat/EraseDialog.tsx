import type { Message } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { ConfirmDialog } from './ConfirmDialog';
import styles from './dialogs.module.css';

/** Asks before a message's words are erased, and says what that means. */
export function EraseDialog({ message, mine, onErased, onClose }: {
	readonly message: Message;
	readonly mine: boolean;
	readonly onErased: () => void;
	readonly onClose: () => void;
}) {
	const client = useClient();
	return (
		<ConfirmDialog
			title="Erase this message?" confirm="Erase for everybody" onClose={onClose}
			onConfirm={() => client.api.erase(message.id, mine ? 'sender' : 'moderation').then(onErased)}
		>
			{message.content !== null && <blockquote className={styles.quote}>{message.content}</blockquote>}
			<p>Its words are deleted for everybody, for good. Nobody can bring them back.</p>
			<p>
				That a message was sent here, by whom and when, stays in the log, and so does a fingerprint of the words: the log still proves
				itself. Whoever has read or copied them keeps what he has.
			</p>
		</ConfirmDialog>
	);
}
