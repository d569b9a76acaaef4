import { useChainmail, useClient } from '@chainmail/react';
import { useEffect, useState } from 'react';
import { href } from '../router';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Spinner';
import { sentence } from '../ui/troubleText';
import { Alarm } from './Alarm';
import { BatchPicture } from './BatchPicture';
import { counted } from './lifeline';
import styles from './LogAudit.module.css';
import { moment } from './moments';
import { useNames } from './names';
import { Card, Facts, Hash, Page } from './Page';
import { signerOf } from './signer';
import { useBatches } from './useBatches';
import { useWitness, type Witnessed } from './useWitness';

/** The log as a whole: what it claims, whether it has kept its word, and its tree. */
export function LogAudit() {
	const witnessed = useWitness();
	const batches = useBatches(witnessed.record?.last.treeSize ?? 0);
	return (
		<Page
			title="The log" about="Everything that happens here is sealed into one tree. This page holds it to its word."
			actions={<Button icon="retry" busy={witnessed.looking} onClick={witnessed.look}>Look again</Button>}
		>
			{witnessed.contradiction !== null && <Alarm contradiction={witnessed.contradiction} />}
			<Latest witnessed={witnessed} />
			<Card title="Its tree">
				{batches.batches === null
					? batches.problem === null ? <div className={styles.waiting}><Spinner /></div> : <p>{sentence(batches.problem.message)}</p>
					: batches.batches.length === 0
						? <EmptyState icon="clock" title="Nothing is sealed yet">A few seconds after the first event there is the first batch.</EmptyState>
						: <BatchPicture {...batches} batches={batches.batches} />}
			</Card>
			<Conversations />
		</Page>
	);
}

function Latest({ witnessed: { record, contradiction, problem } }: { readonly witnessed: Witnessed }) {
	const key = useKey(record?.last.note);
	if (record === null) {
		return (
			<Card title="The latest checkpoint">
				{problem === null ? <p className={styles.about}>There is none yet: nothing is sealed so far.</p> : <Problem message={problem.message} />}
			</Card>
		);
	}
	const { last, since, checkpoints, checkedAt } = record;
	const kept = `since ${moment(since)}, over ${counted(checkpoints, 'checkpoint')} that this browser has seen`;
	return (
		<Card title="The latest checkpoint" aside={<State isWhole={contradiction === null && problem === null} />}>
			{problem !== null && <Problem message={problem.message} />}
			<Facts
				facts={[
					['Tree size', <strong key="size">{counted(last.treeSize, 'event')}</strong>],
					['Root', <Hash key="root">{last.root}</Hash>],
					['Origin', last.origin],
					['Signed with', <Hash key="key">{key}</Hash>],
					[contradiction === null ? 'Kept its word' : 'Before that', kept],
					['Last looked', moment(checkedAt)],
				]}
			/>
		</Card>
	);
}

function State({ isWhole }: { readonly isWhole: boolean }) {
	return isWhole
		? <span className={styles.good}><Icon name="shield" size={18} />Consistent</span>
		: <span className={styles.warn}><Icon name="warning" size={18} />Not confirmed</span>;
}

function Problem({ message }: { readonly message: string }) {
	return <p role="status" className={styles.problem}><Icon name="warning" size={18} />{message}</p>;
}

/** useKey is the key that has signed a note, empty until it is known. */
function useKey(note: string | undefined): string {
	const client = useClient();
	const [key, setKey] = useState('');
	useEffect(() => {
		if (note === undefined) return undefined;
		let ended = false;
		client.witness.keys().then((keys) => !ended && setKey(signerOf(note, keys) ?? ''), () => undefined); // the look at the checkpoint says why
		return () => {
			ended = true;
		};
	}, [client, note]);
	return key;
}

const mostConversations = 12;

/** The conversations whose past can be looked at, those with the newest messages. */
function Conversations() {
	const { conversations } = useChainmail();
	const name = useNames();
	const known = (conversations ?? []).filter(({ id }) => id !== null).slice(0, mostConversations);
	if (known.length === 0) return null;
	return (
		<Card title="Conversations as they were">
			<p className={styles.about}>Choose one to see it as it stood at any moment. A message’s own proof is behind its ticks in the chat.</p>
			<ul className={styles.conversations}>
				{known.map(({ id, peerId, title }) => {
					const called = title ?? (peerId === null ? 'Group' : name(peerId));
					return (
						<li key={id}>
							<a href={href({ view: 'audit', conversationId: id ?? '' })}>
								<Avatar id={peerId ?? id ?? ''} name={called} group={peerId === null} size="small" />
								<span>{called}</span>
							</a>
						</li>
					);
				})}
			</ul>
		</Card>
	);
}
