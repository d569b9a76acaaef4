import type { answers } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useId, useState } from 'react';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { useRequest } from '../ui/useRequest';

/** Asks for a project's title and makes it. */
export function NewProjectDialog({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: (project: answers.Project) => void }) {
	const client = useClient();
	const [title, setTitle] = useState('');
	const formId = useId();
	const { busy, problem, run } = useRequest();
	const submit = () => run(async () => onMade(await client.api.createProject(title.trim())));
	return (
		<Dialog
			title="New project" onClose={onClose}
			actions={(
				<>
					<Button onClick={onClose}>Cancel</Button>
					<Button variant="primary" type="submit" form={formId} busy={busy} disabled={title.trim() === ''}>Make project</Button>
				</>
			)}
		>
			<form id={formId} onSubmit={(event) => {
				event.preventDefault();
				submit();
			}}
			>
				<TextField
					label="Title" value={title} maxLength={200} data-autofocus required error={problem?.message} placeholder="A new site"
					hint="Everybody sees it, and is told of it." onChange={(event) => setTitle(event.target.value)}
				/>
			</form>
		</Dialog>
	);
}
