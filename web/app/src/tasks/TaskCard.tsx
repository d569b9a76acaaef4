import type { PointerEvent } from 'react';
import { Avatar } from '../ui/Avatar';
import { classes } from '../ui/classes';
import { Menu } from '../ui/Menu';
import { Spinner } from '../ui/Spinner';
import { TimeAgo } from '../ui/TimeAgo';
import type { Card } from './board';
import { PersonName } from '../people/PersonName';
import { following, statusLabel, type Status } from './status';
import styles from './TaskCard.module.css';
import { useIsMe, useName } from '../people/useName';

/** A task on its board: with a menu of where it may go, which does for the keyboard what dragging does for the mouse. */
export function TaskCard({ card, lifted, onGrab, onMove }: {
	readonly card: Card;
	/** Its copy is being dragged. */
	readonly lifted: boolean;
	readonly onGrab: (event: PointerEvent<HTMLElement>) => void;
	readonly onMove: (status: Status) => void;
}) {
	const { task, status, moving } = card;
	const freelancer = useName(task.freelancer_id);
	const isMe = useIsMe(task.freelancer_id);
	const next = following(status);
	return (
		<li data-card={task.id} tabIndex={-1} className={classes(styles.card, styles[status], next.length > 0 && styles.movable, lifted && styles.lifted)} onPointerDown={onGrab}>
			<div className={styles.top}>
				<h3 className={styles.title}>{task.title}</h3>
				{next.length > 0 && !moving && (
					<Menu
						label={`Move “${task.title}”`} className={styles.menu}
						items={next.map((to) => ({
							label: `Move to ${statusLabel(to)}`, danger: to === 'cancelled', separated: to === 'cancelled' && next.length > 1, onSelect: () => onMove(to),
						}))}
					/>
				)}
			</div>
			<p className={styles.freelancer}>
				<Avatar id={task.freelancer_id} name={freelancer} size="small" />
				<span className="visually-hidden">Freelancer: </span>
				<span className={styles.name}>{isMe ? 'You' : freelancer}</span>
			</p>
			<p className={styles.change}>
				{moving
					? <><Spinner size={14} label={null} />Moving to {statusLabel(status)}…</>
					: <span><TimeAgo at={task.updated_at} /> by <PersonName id={task.updated_by} /></span>}
			</p>
		</li>
	);
}
