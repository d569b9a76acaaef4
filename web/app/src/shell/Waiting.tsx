import { useChainmail } from '@chainmail/react';
import { EmptyState } from '../ui/EmptyState';
import { Logo } from '../ui/Logo';
import { ConnectionState } from './ConnectionState';
import { useEnding } from './useEnding';
import styles from './Waiting.module.css';

/** What stands until it is known who has logged in, and where nobody has. */
export function Waiting() {
	const { connection } = useChainmail();
	return (
		<main className={styles.page}>
			{connection.phase === 'ended' ? <Refused reason={connection.reason} /> : (
				<>
					<ConnectionState />
					<div className={styles.logo}><Logo size={64} /></div>
				</>
			)}
		</main>
	);
}

function Refused({ reason }: { readonly reason: string | null }) {
	const { title, advice, button } = useEnding(reason);
	return <EmptyState icon="lock" title={title}><p role="alert">{advice}</p>{button}</EmptyState>;
}
