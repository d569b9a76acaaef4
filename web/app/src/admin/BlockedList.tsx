import type { answers } from '@chainmail/client';
import { useRef, useState } from 'react';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { Spinner } from '../ui/Spinner';
import { sentence } from '../ui/troubleText';
import { BlockedItem } from './BlockedItem';
import styles from './BlockedList.module.css';
import { ReleaseDialog } from './ReleaseDialog';
import { useBlocked } from './useBlocked';

/** What the guard kept back, for admins to judge. */
export function BlockedList({ blocked }: {
	/** The server's count, of which a change means that there is news; null while unknown. */
	readonly blocked: number | null;
}) {
	const { items, problem, loadOlder, reload } = useBlocked(blocked);
	const list = useRef<HTMLUListElement>(null);
	const [releasing, setReleasing] = useState<answers.BlockedMessage | null>(null);
	const changed = async (): Promise<void> => {
		await reload();
		list.current?.focus({ preventScroll: true }); // the button that opened the dialog goes with the release
	};
	if (items === null) {
		return problem === null
			? <p className={styles.waiting}><Spinner label="Loading blocked messages" /></p>
			: <EmptyState icon="warning" title="They could not be loaded"><p>{sentence(problem.message)}</p><Button icon="retry" onClick={() => void reload()}>Try again</Button></EmptyState>;
	}
	if (items.length === 0) return <EmptyState icon="shield" title="Nothing blocked"><p>What the guard keeps back stands here, with its reasons.</p></EmptyState>;
	return (
		<>
			<ul ref={list} tabIndex={-1} className={styles.list} aria-label="Blocked messages">
				{items.map((message) => <BlockedItem key={message.id} message={message} onRelease={() => setReleasing(message)} />)}
			</ul>
			{loadOlder !== null && <p className={styles.waiting}><Button onClick={() => void loadOlder()}>Older ones</Button></p>}
			{releasing !== null && <ReleaseDialog message={releasing} onClose={() => setReleasing(null)} onChanged={changed} />}
		</>
	);
}
