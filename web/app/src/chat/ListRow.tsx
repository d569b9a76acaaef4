import type { Change } from '@chainmail/client';
import { usePresence } from '@chainmail/react';
import type { RefCallback } from 'react';
import { useNow } from '../ui/clock';
import { dayName } from '../ui/time';
import { TimeAgo } from '../ui/TimeAgo';
import styles from './ListRow.module.css';
import { type MessageActions, MessageRow } from './MessageRow';
import { changeText, nameOf } from './names';
import type { Row } from './rows';

/** A row at its place in the list. What is in it is drawn anew only when that has changed, not when its place has. */
export function ListRow({ row, id, index, start, setSize, measure, group, userId, online, actions, active, activate }: {
	readonly row: Row;
	/** Begins the ids of elements in it. */
	readonly id: string;
	readonly index: number;
	/** In pixels from the list's beginning. */
	readonly start: number;
	/** How many rows there are; -1 while nobody knows. */
	readonly setSize: number;
	readonly measure: RefCallback<HTMLElement>;
	readonly group: boolean;
	readonly userId: string;
	readonly online: boolean;
	readonly actions: MessageActions;
	readonly active: boolean;
	readonly activate: (key: string) => void;
}) {
	const place = { ref: measure, 'data-index': index, className: styles.row, style: { transform: `translateY(${start}px)` } };
	switch (row.kind) {
		case 'day':
			return <div {...place}><Day timestamp={row.timestamp} /></div>;
		case 'new':
			return <div {...place}><p className={styles.new}><span>New messages</span></p></div>;
		case 'change':
			return <div {...place}><ChangeLine change={row.change} userId={userId} /></div>;
		default:
			return (
				<div
					{...place} data-row={row.key} role="article" aria-labelledby={`${id}-who ${id}-words ${id}-at`} aria-posinset={index + 1}
					aria-setsize={setSize} tabIndex={active ? 0 : -1} onFocus={() => activate(row.key)}
				>
					<MessageRow
						id={id} message={row.message} mine={row.message.kind === 'draft' || row.message.senderId === userId} first={row.first}
						last={row.last} group={group} online={online} actions={actions} active={active}
					/>
				</div>
			);
	}
}

function Day({ timestamp }: { readonly timestamp: string }) {
	return <p className={styles.day}><span>{dayName(timestamp, useNow())}</span></p>;
}

function ChangeLine({ change, userId }: { readonly change: Change; readonly userId: string }) {
	const person = usePresence(change.userId);
	return (
		<p className={styles.change}>
			<span>{changeText(change.change, change.userId === userId ? null : nameOf(person))}</span>
			<span aria-hidden="true">·</span>
			<TimeAgo at={change.timestamp} as="clock" />
		</p>
	);
}
