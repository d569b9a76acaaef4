import type { answers } from '@chainmail/client';
import { useChainmail } from '@chainmail/react';
import { useState } from 'react';
import { PeoplePicker } from '../people/PeoplePicker';
import { go } from '../router';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { Icon } from '../ui/Icon';
import { troubleText } from '../ui/troubleText';
import styles from './dialogs.module.css';

/** Starts a conversation of several people. */
export function NewGroupDialog({ onClose }: { readonly onClose: () => void }) {
	const { client, userId } = useChainmail();
	const [title, setTitle] = useState('');
	const [people, setPeople] = useState<readonly answers.User[]>([]);
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<string | null>(null);
	const taken = new Set([...people.map((person) => person.id), ...(userId === null ? [] : [userId])]);
	const start = (): void => {
		setBusy(true);
		client.api.startConversation(people.map((person) => person.id), title.trim() === '' ? null : title.trim()).then(
			(started) => {
				onClose();
				go({ view: 'chats', target: { conversationId: started.id } });
			},
			(error: unknown) => {
				setBusy(false);
				setProblem(troubleText(error));
			},
		);
	};
	return (
		<Dialog
			title="New group" onClose={onClose} actions={(
				<>
					<Button onClick={onClose}>Cancel</Button>
					<Button variant="primary" busy={busy} disabled={people.length === 0} onClick={start}>Start</Button>
				</>
			)}
		>
			<div className={styles.body}>
				<TextField
					label="Title" hint="Left out, the group is called after its people." value={title} maxLength={100}
					onChange={(event) => setTitle(event.target.value)}
				/>
				<Chips people={people} onRemove={(id) => setPeople(people.filter((person) => person.id !== id))} />
				<PeoplePicker label="Add people" focus taken={taken} takenText="Already in it" onPick={(person) => setPeople([...people, person])} />
				{problem !== null && <p className={styles.problem} role="alert">{problem}</p>}
			</div>
		</Dialog>
	);
}

function Chips({ people, onRemove }: { readonly people: readonly answers.User[]; readonly onRemove: (id: string) => void }) {
	return people.length === 0 ? null : (
		<ul className={styles.chips} aria-label="Chosen people">
			{people.map((person) => (
				<li key={person.id} className={styles.chip}>
					<Avatar id={person.id} name={person.name} size="small" />
					{person.name}
					<button type="button" aria-label={`Remove ${person.name}`} onClick={() => onRemove(person.id)}><Icon name="close" size={14} /></button>
				</li>
			))}
		</ul>
	);
}
