import { useClient } from '@chainmail/react';
import { useState } from 'react';
import { useRequest } from '../ui/useRequest';
import { Button } from '../ui/Button';
import { TextArea, TextField } from '../ui/Field';
import { useToast } from '../ui/toasts';
import styles from './Announce.module.css';

const TITLE = 200; // bytes, as the server has it
const MESSAGE = 2_000;

/** Tells everybody something. */
export function Announce() {
	const client = useClient();
	const toast = useToast();
	const [title, setTitle] = useState('');
	const [message, setMessage] = useState('');
	const { busy, problem, run } = useRequest();
	const tooLong = { title: over(title, TITLE), message: over(message, MESSAGE) };
	const ready = title.trim() !== '' && message.trim() !== '' && tooLong.title === null && tooLong.message === null;
	const send = () => run(async () => {
		await client.api.announce(title.trim(), message.trim());
		setTitle('');
		setMessage('');
		toast({ title: 'Everybody was told', tone: 'good' });
	});
	return (
		<form className={styles.form} onSubmit={(event) => {
			event.preventDefault();
			if (ready) send();
		}}
		>
			<div>
				<h2>Tell everybody</h2>
				<p className={styles.hint}>It appears at once for all who are connected, and for the others when they come back. It cannot be taken back.</p>
			</div>
			<TextField
				label="Title" value={title} required placeholder="Maintenance" onChange={(event) => setTitle(event.target.value)}
				error={tooLong.title ?? (problem?.field === 'message' ? null : problem?.message)}
			/>
			<TextArea
				label="Message" value={message} rows={5} required placeholder="We are away from 6 to 7." onChange={(event) => setMessage(event.target.value)}
				error={tooLong.message ?? (problem?.field === 'message' ? problem.message : null)}
			/>
			<p><Button variant="primary" type="submit" icon="send" busy={busy} disabled={!ready}>Announce</Button></p>
		</form>
	);
}

function over(text: string, limit: number): string | null {
	const length = new TextEncoder().encode(text.trim()).length;
	return length <= limit ? null : `${length - limit} bytes too long: at most ${limit.toLocaleString()}.`;
}
