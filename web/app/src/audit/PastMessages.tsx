import { useLayoutEffect, useRef } from 'react';
import { href } from '../router';
import { useMe } from '../session';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import { clockTime } from '../ui/time';
import { useNames } from './names';
import { changeText, progressOf, type Past, type PastFrame, type PastMessage } from './past';
import styles from './PastMessages.module.css';

/** So many messages are shown: the newest ones of that moment. */
const most = 100;

/** The messages of a past moment. The one that the latest event is about is marked. */
export function PastMessages({ past, latest }: { readonly past: Past; readonly latest: PastFrame | null }) {
	const name = useNames();
	const shown = past.entries.slice(-most);
	const hidden = past.entries.length - shown.length;
	const touched = latest !== null && 'message_id' in latest ? latest.message_id : null;
	const list = useLatestInSight(past.position);
	return (
		<div className={styles.scroll} tabIndex={0} role="region" aria-label="The conversation of that moment">
			{past.participantIds.length > 0 && <p className={styles.about}>{past.participantIds.map(name).join(', ')}</p>}
			{hidden > 0 && <p className={styles.about}>{hidden.toLocaleString('en')} earlier ones are not shown.</p>}
			{shown.length === 0 && <p className={styles.about}>Nothing had been said yet.</p>}
			<ol ref={list} className={styles.list}>
				{shown.map((entry) => entry.kind === 'change'
					? <li key={entry.seq} className={styles.change}>{changeText(entry.change, name(entry.userId))}</li>
					: <Bubble key={entry.id} message={entry} isTouched={entry.id === touched} />)}
			</ol>
		</div>
	);
}

/** useLatestInSight keeps the marked message, or else the last one, in sight as the moment changes. */
function useLatestInSight(position: number) {
	const ref = useRef<HTMLOListElement>(null);
	useLayoutEffect(() => {
		const entry = ref.current?.querySelector('[data-touched]') ?? ref.current?.lastElementChild;
		entry?.scrollIntoView({ block: 'nearest' });
	}, [position]);
	return ref;
}

function Bubble({ message, isTouched }: { readonly message: PastMessage; readonly isTouched: boolean }) {
	const me = useMe();
	const name = useNames();
	const isMine = message.senderId === me.id;
	return (
		<li className={classes(styles.message, isMine && styles.mine)} data-touched={isTouched || undefined}>
			<a className={styles.bubble} href={href({ view: 'audit', messageId: message.id })}>
				{!isMine && <strong>{name(message.senderId)}</strong>}
				<Words message={message} />
				<span className={styles.foot}>
					<time dateTime={message.timestamp}>{clockTime(message.timestamp)}</time>
					<Ticks message={message} />
				</span>
			</a>
		</li>
	);
}

function Words({ message: { content, erased } }: { readonly message: PastMessage }) {
	if (content !== null) return <p>{content}</p>;
	return <p className={styles.erased}><Icon name="trash" size={16} />{erased ? 'Erased' : 'Its words were erased later'}</p>;
}

function Ticks({ message }: { readonly message: PastMessage }) {
	const progress = progressOf(message);
	const { delivered, read, recipients } = message;
	const some = recipients.length > 1 ? ` (${delivered.size} of ${recipients.length} received, ${read.size} read)` : '';
	return (
		<span className={progress === 'read' ? styles.read : undefined} role="img" aria-label={`${progress}${some}`} title={`${progress}${some}`}>
			<Icon name={progress === 'sent' ? 'check' : 'check-double'} size={16} />
		</span>
	);
}
