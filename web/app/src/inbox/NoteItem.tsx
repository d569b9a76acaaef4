import type { Note } from '@chainmail/client';
import { memo, type ReactNode } from 'react';
import { classes } from '../ui/classes';
import { Icon, type IconName } from '../ui/Icon';
import { IconButton } from '../ui/IconButton';
import { TimeAgo } from '../ui/TimeAgo';
import { destination } from './link';
import styles from './NoteItem.module.css';
import { useFollow } from './useFollow';

const ICONS: Readonly<Record<string, IconName>> = { project_created: 'board', task_assigned: 'user', task_status_changed: 'retry' };

function noteIcon(type: string): IconName {
	return ICONS[type] ?? 'bell';
}

/** One notification: a press on it follows its link, and either way it is read. There may be thousands: it is drawn anew only when it has changed. */
export const NoteItem = memo(function NoteItem({ note, onRead }: { readonly note: Note; readonly onRead: (id: string) => void }) {
	const markRead = (): void => onRead(note.id);
	const outside = destination(note.link)?.kind === 'address';
	return (
		<li className={classes(styles.note, !note.read && styles.unread)}>
			<NoteLink link={note.link} onFollow={note.read ? () => undefined : markRead}>
				<span className={styles.icon}><Icon name={noteIcon(note.type)} /></span>
				<span className={styles.words}>
					<span className={styles.title}>{!note.read && <span className="visually-hidden">Unread: </span>}{note.title}{outside && <Icon name="external" size={14} className={styles.external} />}</span>
					<span className={styles.message}>{note.message}</span>
				</span>
				<TimeAgo at={note.createdAt} className={styles.time} />
			</NoteLink>
			<span className={styles.action}>
				{!note.read && <IconButton icon="check" label={`Mark “${note.title}” as read`} onClick={markRead} />}
			</span>
		</li>
	);
});

function NoteLink({ link, onFollow, children }: { readonly link: string | null; readonly onFollow: () => void; readonly children: ReactNode }) {
	const to = destination(link);
	const follow = useFollow();
	if (to === null) return <div className={styles.body}>{children}</div>;
	if (to.kind === 'address') {
		return <a className={styles.body} href={to.url} target="_blank" rel="noopener noreferrer" onClick={onFollow}>{children}</a>;
	}
	if (to.kind === 'path') return <a className={styles.body} href={to.url} onClick={onFollow}>{children}</a>;
	const open = () => {
		onFollow();
		follow(to);
	};
	return <button type="button" className={styles.body} onClick={open}>{children}</button>;
}
