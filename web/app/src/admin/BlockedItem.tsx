import type { answers } from '@chainmail/client';
import { href } from '../router';
import { PersonName } from '../people/PersonName';
import { useName } from '../people/useName';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import { TimeAgo } from '../ui/TimeAgo';
import styles from './BlockedItem.module.css';
import { HeldWords } from './HeldWords';

const PERCENT = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 0 });

/** One blocked message: who wrote what to whom, and why it was kept back. */
export function BlockedItem({ message, onRelease }: { readonly message: answers.BlockedMessage; readonly onRelease: () => void }) {
	const sender = useName(message.sender_id);
	const open = message.released_at === null && message.erased_at === null;
	return (
		<li className={classes(styles.item, !open && styles.settled)}>
			<header className={styles.header}>
				<Avatar id={message.sender_id} name={sender} size="medium" />
				<div className={styles.who}>
					<strong>{sender}</strong>
					<p className={styles.to}><Receiver message={message} /> · <TimeAgo at={message.created_at} /></p>
				</div>
				<Score value={message.risk_score} />
			</header>
			{message.content === null
				? <p className={styles.erased}>The words were erased{message.erased_at !== null && <> <TimeAgo at={message.erased_at} /></>}.</p>
				: <HeldWords>{message.content}</HeldWords>}
			<Evidence evidence={message.evidence} />
			{message.model !== null && <ModelOpinion model={message.model} />}
			<footer className={styles.footer}>
				<Details message={message} />
				{open && <Button icon="send" onClick={onRelease}>Release…</Button>}
				{message.released_at !== null && <Released message={message} at={message.released_at} />}
			</footer>
		</li>
	);
}

function Receiver({ message }: { readonly message: answers.BlockedMessage }) {
	if (message.receiver_id !== null) return <>to <PersonName id={message.receiver_id} /></>;
	return message.conversation_id === null ? <>to nobody</> : <>to a <a href={href({ view: 'audit', conversationId: message.conversation_id })}>group</a></>;
}

function Score({ value }: { readonly value: number }) {
	return <p className={classes(styles.score, value >= 0.9 ? styles.high : styles.middle)}><span>Risk</span> <strong>{value.toFixed(2)}</strong></p>;
}

/** The rules that spoke, each with a bar as long as its weight. */
function Evidence({ evidence }: { readonly evidence: answers.BlockedMessage['evidence'] }) {
	return (
		<ul className={styles.evidence} aria-label="Reasons">
			{evidence.map(({ rule, weight }) => (
				<li key={rule}>
					<span className={styles.rule} title={rule}>{rule.replaceAll('_', ' ')}</span>
					<svg className={styles.weight} aria-hidden="true"><rect width={`${weight * 100}%`} height="6" rx="3" /></svg>
					<span className={styles.number}>{weight.toFixed(2)}</span>
				</li>
			))}
		</ul>
	);
}

function ModelOpinion({ model }: { readonly model: NonNullable<answers.BlockedMessage['model']> }) {
	const said = model.failure !== null
		? `did not answer: ${model.failure}`
		: `says ${model.label ?? 'nothing'}${model.score === null ? '' : `, ${PERCENT.format(model.score)} sure`}`;
	return <p className={styles.model}><Icon name="info" size={16} />The model {model.model} {said}.</p>;
}

function Released({ message, at }: { readonly message: answers.BlockedMessage; readonly at: string }) {
	return (
		<p className={styles.released}>
			<Icon name="check" size={16} />
			<span>
				Released <TimeAgo at={at} />{message.released_by !== null && <> by <PersonName id={message.released_by} /></>}
				{message.released_id !== null && <> · <a href={href({ view: 'audit', messageId: message.released_id })}>see the message</a></>}
			</span>
		</p>
	);
}

function Details({ message }: { readonly message: answers.BlockedMessage }) {
	const rows: [string, string][] = [
		['Message', message.id], ['Position', String(message.position)], ['Policy', message.policy_hash], ['Content hash', message.content_hash],
	];
	return (
		<details className={styles.details}>
			<summary>Details</summary>
			<dl>{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd><code>{value}</code></dd></div>)}</dl>
		</details>
	);
}
