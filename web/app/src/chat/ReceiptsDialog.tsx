import type { Conversation, Message } from '@chainmail/client';
import { useChainmail, usePresence } from '@chainmail/react';
import { useEffect, useState } from 'react';
import { href } from '../router';
import { Avatar } from '../ui/Avatar';
import { Dialog } from '../ui/Dialog';
import { Spinner } from '../ui/Spinner';
import { fullTime } from '../ui/time';
import { troubleText } from '../ui/troubleText';
import styles from './dialogs.module.css';
import { nameOf } from './names';
import { type Outcome, outcomes } from './receipts';
import { TickIcon } from './TickIcon';

/** Who has received and read a message, and when; and what the log holds of it. */
export function ReceiptsDialog({ message, conversation, onClose }: {
	readonly message: Message;
	readonly conversation: Conversation;
	readonly onClose: () => void;
}) {
	return (
		<Dialog title="Message info" onClose={onClose}>
			<div className={styles.receipts}>
				{message.content !== null && <blockquote className={styles.quote}>{message.content}</blockquote>}
				<Recipients message={message} conversation={conversation} />
				<dl className={styles.facts}>
					<dt>Sent</dt>
					<dd>{fullTime(message.timestamp)}</dd>
					<dt>Place in the conversation</dt>
					<dd>{message.seq}</dd>
					<dt>Place in the log</dt>
					<dd>{message.position}</dd>
				</dl>
				<a href={href({ view: 'audit', messageId: message.id })}>Show proof</a>
			</div>
		</Dialog>
	);
}

function Recipients({ message, conversation }: { readonly message: Message; readonly conversation: Conversation }) {
	const { client, userId } = useChainmail();
	const mine = message.senderId === userId;
	const [answer, setAnswer] = useState<readonly Outcome[] | string | null>(null);
	const { id, receipts, deliveredCount, readCount } = message;
	const { participantIds } = conversation;
	// The receipts here may be counts alone, so the server is asked; and again when anything has changed.
	useEffect(() => {
		if (!mine) {
			return undefined;
		}
		let current = true;
		client.api.message(id).then(
			(full) => current && setAnswer(outcomes(full.receipts, participantIds, full.sender_id)),
			(error: unknown) => current && setAnswer(troubleText(error)),
		);
		return () => {
			current = false;
		};
	}, [client, mine, id, receipts, deliveredCount, readCount, participantIds]);
	if (!mine) {
		return null;
	}
	if (answer === null) {
		return <Spinner label="Loading receipts" />;
	}
	if (typeof answer === 'string') {
		return <p className={styles.problem} role="alert">{answer}</p>;
	}
	return (
		<>
			<Part title="Read by" outcomes={answer.filter((each) => each.tick === 'read')} />
			<Part title="Delivered to" outcomes={answer.filter((each) => each.tick === 'delivered')} />
			<Part title="Not delivered yet" outcomes={answer.filter((each) => each.tick === 'sent')} />
		</>
	);
}

const most = 100; // people shown of each kind; of more, only the number

function Part({ title, outcomes: all }: { readonly title: string; readonly outcomes: readonly Outcome[] }) {
	const first = all[0];
	return first === undefined ? null : (
		<section>
			<h3><span aria-hidden="true"><TickIcon tick={first.tick} /></span>{title} ({all.length})</h3>
			<ul className={styles.people}>
				{all.slice(0, most).map((outcome) => <Recipient key={outcome.userId} outcome={outcome} />)}
			</ul>
			{all.length > most && <p className={styles.note}>and {all.length - most} more</p>}
		</section>
	);
}

function Recipient({ outcome }: { readonly outcome: Outcome }) {
	const name = nameOf(usePresence(outcome.userId));
	const times = [
		outcome.readAt === null ? null : `read ${fullTime(outcome.readAt)}`,
		outcome.deliveredAt === null ? null : `delivered ${fullTime(outcome.deliveredAt)}`,
	].filter((text) => text !== null);
	return (
		<li className={styles.person}>
			<Avatar id={outcome.userId} name={name} />
			<span className={styles.who}>
				<strong>{name}</strong>
				{times.map((text) => <small key={text}>{text}</small>)}
			</span>
		</li>
	);
}
