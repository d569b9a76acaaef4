import type { Contradiction } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useState } from 'react';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import styles from './Alarm.module.css';
import { asJson, download } from './download';
import { moment } from './moments';

const meaning: Readonly<Record<Contradiction['kind'], string>> = {
	forked: 'Both notes below are signed by the log, and both cannot be true: something that was sealed was changed or taken away.',
	shrunk: 'Something that was sealed is gone. The log may have been put back from a backup.',
	foreign_key: 'Somebody answers for the log with a key that the log’s own keys have not announced.',
};

/** The log has contradicted itself: what was found, and the evidence to take away. */
export function Alarm({ contradiction }: { readonly contradiction: Contradiction }) {
	const client = useClient();
	const [asking, setAsking] = useState(false);
	const forget = (): void => {
		setAsking(false);
		client.witness.forget();
	};
	return (
		<section role="alert" className={styles.alarm}>
			<Icon name="warning" size={28} />
			<div className={styles.text}>
				<h2>The log contradicts itself</h2>
				<p><strong>{contradiction.detail}</strong></p>
				<p>
					{meaning[contradiction.kind]} Found on {moment(contradiction.foundAt)}. Keep both notes and compare them with others:
					they are the evidence.
				</p>
				<div className={styles.actions}>
					<Button variant="danger" icon="download" onClick={() => download('contradiction.json', asJson(contradiction))}>Everything (JSON)</Button>
					<Button icon="download" onClick={() => download('before.txt', contradiction.before, 'text/plain')}>The note before</Button>
					<Button icon="download" onClick={() => download('after.txt', contradiction.after, 'text/plain')}>The note after</Button>
					<Button onClick={() => setAsking(true)}>Forget it…</Button>
				</div>
			</div>
			{asking && (
				<Dialog
					title="Begin anew with this log?" onClose={() => setAsking(false)}
					actions={<><Button onClick={() => setAsking(false)}>Keep the alarm</Button><Button variant="danger" onClick={forget}>Forget</Button></>}
				>
					<p>
						The evidence is dropped from this browser, and the keys and the tree that the server shows next are believed. Do that only if
						you know why the log has changed, such as a test server that was set up anew.
					</p>
				</Dialog>
			)}
		</section>
	);
}
