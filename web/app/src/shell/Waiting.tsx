import { Logo } from '../ui/Logo';
import { ConnectionState } from './ConnectionState';
import styles from './Waiting.module.css';

/** What stands until it is known who has logged in. */
export function Waiting() {
	return (
		<main className={styles.page}>
			<ConnectionState />
			<div className={styles.logo}><Logo size={64} /></div>
		</main>
	);
}
