import type { answers } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useId, useState } from 'react';
import { PeoplePicker } from '../people/PeoplePicker';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { IconButton } from '../ui/IconButton';
import styles from './NewTaskDialog.module.css';
import { useRequest } from '../ui/useRequest';

/** Asks for a task's title and who is to do it, and makes it. */
export function NewTaskDialog({ project, onClose, onMade }: {
	readonly project: answers.Project;
	readonly onClose: () => void;
	readonly onMade: (task: answers.Task) => void;
}) {
	const client = useClient();
	const [title, setTitle] = useState('');
	const [user, setUser] = useState<answers.User | null>(null);
	const formId = useId();
	const { busy, problem, run } = useRequest();
	const ready = user !== null && title.trim() !== '';
	const submit = () => {
		if (user !== null && ready) run(async () => onMade(await client.api.createTask(project.id, user.id, title.trim())));
	};
	const ofUser = problem?.code === 'receiver_not_found' || problem?.field === 'freelancer_id' ? problem : null;
	return (
		<Dialog
			title={`New task in ${project.title}`} onClose={onClose}
			actions={(
				<>
					<Button onClick={onClose}>Cancel</Button>
					<Button variant="primary" type="submit" form={formId} busy={busy} disabled={!ready}>Make task</Button>
				</>
			)}
		>
			<form id={formId} className={styles.form} onSubmit={(event) => {
				event.preventDefault();
				submit();
			}}
			>
				<TextField
					label="What is to be done" value={title} maxLength={200} data-autofocus required placeholder="Draw the logo"
					error={ofUser === null ? problem?.message : null} onChange={(event) => setTitle(event.target.value)}
				/>
				{user === null
					? <PeoplePicker label="Freelancer" onPick={setUser} />
					: <Picked user={user} problem={ofUser?.message ?? null} onClear={() => setUser(null)} />}
			</form>
		</Dialog>
	);
}

function Picked({ user, problem, onClear }: {
	readonly user: answers.User;
	readonly problem: string | null;
	readonly onClear: () => void;
}) {
	return (
		<div>
			<span className={styles.label}>Freelancer</span>
			<div className={styles.picked}>
				<Avatar id={user.id} name={user.name} online={user.online} size="small" />
				<span className={styles.name}>{user.name}</span>
				<IconButton icon="close" label={`Choose somebody else than ${user.name}`} onClick={onClear} />
			</div>
			{problem !== null && <p className={styles.problem} role="alert">{problem}</p>}
		</div>
	);
}
