import type { Conversation } from '@chainmail/client';
import { useClient, usePresence } from '@chainmail/react';
import { useEffect, useState } from 'react';
import { PeoplePicker } from '../people/PeoplePicker';
import { go } from '../router';
import { useMe } from '../session';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { IconButton } from '../ui/IconButton';
import { TimeAgo } from '../ui/TimeAgo';
import { troubleText } from '../ui/troubleText';
import { ConfirmDialog } from './ConfirmDialog';
import styles from './dialogs.module.css';
import { nameOf } from './names';

/** Who takes part in a group; who comes and goes. */
export function GroupDialog({ conversation, conversationId, userId, name, onClose }: {
	readonly conversation: Conversation;
	readonly conversationId: string;
	readonly userId: string;
	readonly name: string;
	readonly onClose: () => void;
}) {
	const client = useClient();
	const me = useMe();
	const starterId = useStarter(conversation, conversationId);
	const [adding, setAdding] = useState(false);
	const [removingId, setRemovingId] = useState<string | null>(null);
	const [problem, setProblem] = useState<string | null>(null);
	const { participantIds } = conversation;
	const inside = participantIds.includes(userId);
	const mayRemove = starterId === userId || me.role === 'admin';
	if (removingId !== null) {
		const back = (): void => setRemovingId(null);
		return <RemoveDialog conversationId={conversationId} personId={removingId} self={removingId === userId} onClose={back} />;
	}
	return (
		<Dialog
			title={name} onClose={onClose} actions={inside ? (
				<>
					<Button variant="danger" icon="logout" onClick={() => setRemovingId(userId)}>Leave</Button>
					{adding
						? <Button variant="primary" onClick={() => setAdding(false)}>Done</Button>
						: <Button variant="primary" icon="plus" onClick={() => setAdding(true)}>Add people</Button>}
				</>
			) : undefined}
		>
			<div className={styles.body}>
				{adding && (
					<PeoplePicker
						label="Add people" focus taken={new Set(participantIds)} takenText="Takes part already" onPick={(person) => {
							setProblem(null);
							client.api.addParticipant(conversationId, person.id).catch((error: unknown) => setProblem(troubleText(error)));
						}}
					/>
				)}
				{problem !== null && <p className={styles.problem} role="alert">{problem}</p>}
				<ul className={styles.people} aria-label="Participants">
					{participantIds.map((id) => (
						<Participant
							key={id} id={id} self={id === userId} starter={id === starterId}
							onRemove={mayRemove && id !== userId ? () => setRemovingId(id) : null}
						/>
					))}
				</ul>
			</div>
		</Dialog>
	);
}

// Who started the conversation may remove people. It is its first entry, which those who joined later do not see.
function useStarter(conversation: Conversation, conversationId: string): string | null {
	const client = useClient();
	const [starterId, setStarterId] = useState<string | null>(null);
	const first = conversation.entries[0];
	const known = first?.kind === 'change' && first.change === 'started' ? first.userId : null;
	const asked = known === null && !conversation.complete;
	useEffect(() => {
		if (!asked) {
			return undefined;
		}
		let current = true;
		client.api.history(conversationId, { after: 0, limit: 1 }).then((page) => {
			const entry = page.items[0];
			if (current && entry?.type === 'conversation' && entry.change === 'started') {
				setStarterId(entry.user_id);
			}
		}, () => undefined); // nobody is offered what the server would refuse
		return () => {
			current = false;
		};
	}, [asked, client, conversationId]);
	return known ?? starterId;
}

function Participant({ id, self, starter, onRemove }: {
	readonly id: string;
	readonly self: boolean;
	readonly starter: boolean;
	readonly onRemove: (() => void) | null;
}) {
	const person = usePresence(id);
	const name = nameOf(person);
	const seen = person?.lastSeen ?? null;
	return (
		<li className={styles.person}>
			<Avatar id={id} name={name} online={person?.online === true || self} />
			<span className={styles.who}>
				<strong>{name}{self && ' (you)'}</strong>
				<small>
					{starter && 'started it · '}
					{person?.online === true || self ? 'online' : seen === null ? 'offline' : <>last seen <TimeAgo at={seen} /></>}
				</small>
			</span>
			{!self && <IconButton icon="chat" label={`Write to ${name}`} onClick={() => go({ view: 'chats', target: { userId: id } })} />}
			{onRemove !== null && <IconButton icon="close" label={`Remove ${name}`} onClick={onRemove} />}
		</li>
	);
}

function RemoveDialog({ conversationId, personId, self, onClose }: {
	readonly conversationId: string;
	readonly personId: string;
	readonly self: boolean;
	readonly onClose: () => void;
}) {
	const client = useClient();
	const name = nameOf(usePresence(personId));
	const remove = async (): Promise<void> => {
		await client.api.removeParticipant(conversationId, personId);
		if (self) {
			go({ view: 'chats', target: null });
		}
	};
	return (
		<ConfirmDialog
			title={self ? 'Leave this group?' : `Remove ${name}?`} confirm={self ? 'Leave' : 'Remove'} onConfirm={remove} onClose={onClose}
		>
			<p>
				{self ? 'You keep what was written so far, and see' : `${name} keeps what was written so far, and sees`} nothing of what comes after. Any
				participant can add {self ? 'you' : 'them'} again.
			</p>
		</ConfirmDialog>
	);
}
