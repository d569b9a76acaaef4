import type { answers, Batch } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useEffect, useEffectEvent, useState } from 'react';
import { href } from '../router';
import { Loaded, useLoaded } from '../shell/loaded';
import { Icon } from '../ui/Icon';
import { findBatch } from './batches';
import { Life } from './Life';
import styles from './MessageAudit.module.css';
import { useNames } from './names';
import { Card, Page } from './Page';
import { ProofCheck } from './ProofCheck';
import { useCheck } from './useCheck';

/** A message's life, and its proof checked on the spot. */
export function MessageAudit({ messageId }: { readonly messageId: string }) {
	const client = useClient();
	const message = useLoaded(() => client.api.message(messageId));
	const reload = useEffectEvent((id: string) => {
		if (id === messageId) message.load();
	});
	useEffect(() => {
		const ends = [
			client.on('message_status', (frame) => reload(frame.message_id)),
			client.on('message_erased', (frame) => reload(frame.message_id)),
		];
		return () => ends.forEach((end) => end());
	}, [client]);
	return (
		<Page
			title="A message and its proof" about="What became of it, and whether the log really has it."
			back={{ to: { view: 'audit' }, label: 'To the log' }}
		>
			<Loaded of={message}>{(loaded) => <Audited message={loaded} />}</Loaded>
		</Page>
	);
}

function Audited({ message }: { readonly message: answers.OneMessage }) {
	const { check, again } = useCheck(message.id);
	const treeSize = check.phase === 'done' ? check.verdict.treeSize : 0;
	const batch = useBatch(message.position, treeSize >= message.position);
	return (
		<div className={styles.columns}>
			<div className={styles.column}>
				<Words message={message} />
				<Card title="Its life"><Life message={message} batch={batch} sealing={check.phase === 'unsealed'} /></Card>
			</div>
			<ProofCheck message={message} check={check} again={again} />
		</div>
	);
}

/** useBatch finds the batch that sealed a position, once it is sealed. */
function useBatch(position: number, isSealed: boolean): Batch | null {
	const client = useClient();
	const [batch, setBatch] = useState<Batch | null>(null);
	useEffect(() => {
		if (!isSealed) return undefined;
		let ended = false;
		findBatch(client.api, position).then((found) => !ended && setBatch(found), () => undefined); // its time is then missing: nothing else
		return () => {
			ended = true;
		};
	}, [client, position, isSealed]);
	return batch;
}

function Words({ message }: { readonly message: answers.OneMessage }) {
	const name = useNames();
	return (
		<figure className={styles.words}>
			{message.content === null
				? <p className={styles.erased}><Icon name="trash" size={16} /> The words were erased.</p>
				: <blockquote>{message.content}</blockquote>}
			<figcaption>{name(message.sender_id)}</figcaption>
			{message.conversation_id !== null && !message.was_blocked && (
				<a className={styles.past} href={href({ view: 'audit', conversationId: message.conversation_id })}>
					<Icon name="clock" size={18} />The conversation as it was
				</a>
			)}
		</figure>
	);
}
