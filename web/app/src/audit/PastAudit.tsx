import { useClient } from '@chainmail/react';
import { useState } from 'react';
import { Loaded, useLoaded } from '../shell/loaded';
import { EmptyState } from '../ui/EmptyState';
import { loadHistory, mostFrames, type History } from './history';
import { useNames } from './names';
import { Page } from './Page';
import { stateAt } from './past';
import { PastMessages } from './PastMessages';
import styles from './PastAudit.module.css';
import { Timeline } from './Timeline';

/** A conversation as it stood at any past position. */
export function PastAudit({ conversationId }: { readonly conversationId: string }) {
	const client = useClient();
	const [count, setCount] = useState(0);
	const history = useLoaded(() => loadHistory(client.api, conversationId, setCount));
	const name = useNames();
	const conversation = client.conversation({ conversationId });
	const peer = conversation?.peerId ?? null;
	const called = conversation?.title ?? (peer === null ? 'A conversation' : `With ${name(peer)}`);
	return (
		<Page
			fill title={`${called}, as it was`} about="Move through its past. Ticks, words and people are those of that moment."
			back={{ to: { view: 'audit' }, label: 'To the log' }}
		>
			<div className={styles.content}>
				{history.value === null && history.problem === null && count > 0 && (
					<p role="status" className={styles.about}>{count.toLocaleString('en')} events so far…</p>
				)}
				<Loaded of={history}>{(loaded) => loaded.frames.length === 0
					? <EmptyState icon="clock" title="Nothing has happened here yet" />
					: <Travel history={loaded} />}
				</Loaded>
			</div>
		</Page>
	);
}

function Travel({ history: { frames, isCut } }: { readonly history: History }) {
	const [at, setAt] = useState(frames.length);
	const position = frames[at - 1]?.position ?? 0;
	const past = stateAt(frames, position);
	return (
		<div className={styles.travel}>
			<Timeline frames={frames} at={at} onMove={setAt} />
			{isCut && <p className={styles.about}>These are its first {mostFrames.toLocaleString('en')} events.</p>}
			<PastMessages past={past} latest={frames[at - 1] ?? null} />
		</div>
	);
}
