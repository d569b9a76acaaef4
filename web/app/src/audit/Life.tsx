import type { answers, Batch } from '@chainmail/client';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Spinner';
import styles from './Life.module.css';
import { kinds, lifeOf, type LifeEvent } from './lifeline';
import { moment } from './moments';
import { useNames } from './names';

/** A message's life on a line, the oldest at the top. */
export function Life({ message, batch, sealing }: {
	readonly message: answers.OneMessage;
	readonly batch: Batch | null;
	/** Whether the seal is still to come. */
	readonly sealing: boolean;
}) {
	return (
		<ol className={styles.line}>
			{lifeOf(message, batch).map((event) => <Entry key={`${event.kind} ${event.userIds.join()}`} event={event} />)}
			{sealing && (
				<li className={classes(styles.entry, styles.pending)}>
					<span className={styles.mark}><Spinner size={18} label={null} /></span>
					<div><strong>Not sealed yet</strong><p>The next batch will have it.</p></div>
				</li>
			)}
		</ol>
	);
}

function Entry({ event }: { readonly event: LifeEvent }) {
	const name = useNames();
	const { label, icon } = kinds[event.kind];
	const who = event.userIds.map(name).join(', ');
	return (
		<li className={classes(styles.entry, styles[event.kind])}>
			<span className={styles.mark}><Icon name={icon} size={18} /></span>
			<div>
				<strong>{label}</strong>
				{who !== '' && <span> {event.kind === 'delivered' ? 'to' : 'by'} {who === 'You' ? 'you' : who}</span>}
				<p><time dateTime={event.at}>{moment(event.at)}</time></p>
				{event.detail !== null && <p>{event.detail}</p>}
			</div>
		</li>
	);
}
