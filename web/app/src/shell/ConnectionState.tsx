import type { Connection } from '@chainmail/client';
import { useChainmail } from '@chainmail/react';
import { useEffect, useState } from 'react';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Spinner';
import styles from './ConnectionState.module.css';
import { endingOf, waitingWords } from './endings';
import { useEnding } from './useEnding';

/** How the connection is, in words, wherever it is not live. What it says is also told to screen readers, but for the seconds of the countdown. */
export function ConnectionState() {
	const { client, connection } = useChainmail();
	return (
		<div className={styles.place}>
			<p className="visually-hidden" role="status">{spoken(connection)}</p>
			{(connection.phase === 'connecting' || connection.phase === 'catching_up') && (
				<p className={styles.pill} aria-hidden="true"><Spinner size={14} label={null} />{spoken(connection)}</p>
			)}
			{connection.phase === 'offline' && <Offline connection={connection} onTry={() => client.reconnect()} />}
			{connection.phase === 'ended' && <Ended connection={connection} />}
		</div>
	);
}

/** spoken is the state in a sentence. */
function spoken(connection: Connection): string {
	switch (connection.phase) {
		case 'connecting': return 'Connecting…';
		case 'catching_up': return 'Catching up…';
		case 'live': return 'Connected.';
		case 'offline': return [lost(), waitingWords(connection.unsent)].join(' ');
		case 'ended': return [endingOf(connection.reason).title, waitingWords(connection.unsent)].join(' ');
		case 'stopped': return '';
	}
}

function lost(): string {
	return navigator.onLine ? 'The server cannot be reached.' : 'You are offline.';
}

function Offline({ connection, onTry }: { readonly connection: Connection; readonly onTry: () => void }) {
	return (
		<div className={classes(styles.bar, styles.offline)}>
			<Icon name="offline" />
			<p>
				<strong>{lost()}</strong> {waitingWords(connection.unsent)} {connection.retryAt !== null && <Countdown until={connection.retryAt} />}
			</p>
			<Button onClick={onTry} icon="retry">Try now</Button>
		</div>
	);
}

/** Countdown says when the next attempt is, second by second. */
function Countdown({ until }: { readonly until: number }) {
	const [now, setNow] = useState(() => Date.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), 250);
		return () => clearInterval(timer);
	}, []);
	const seconds = Math.ceil((until - now) / 1000);
	return <span className={styles.countdown}>{seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying now…'}</span>;
}

function Ended({ connection }: { readonly connection: Connection }) {
	const { title, advice, button } = useEnding(connection.reason);
	return (
		<div className={classes(styles.bar, styles.ended)} role="alert">
			<Icon name="warning" />
			<p><strong>{title}</strong> {advice} {waitingWords(connection.unsent)}</p>
			{button}
		</div>
	);
}
