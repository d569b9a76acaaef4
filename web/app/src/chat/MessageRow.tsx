import type { Draft, Message } from '@chainmail/client';
import { usePresence } from '@chainmail/react';
import { memo, useState } from 'react';
import { Avatar, hueOf } from '../ui/Avatar';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import { TimeAgo } from '../ui/TimeAgo';
import { HeldDraft } from './HeldDraft';
import { MessageMenu } from './MessageMenu';
import styles from './MessageRow.module.css';
import { nameOf } from './names';
import { TickIcon } from './TickIcon';
import { tickOf, tickText } from './ticks';
import { Words } from './Words';

/** What can be done with a message. It is always the same object, so that messages need not be drawn anew. */
export interface MessageActions {
	/** Opens who has received and read the message of this id. */
	readonly showReceipts: (messageId: string) => void;
	/** Asks whether to erase the message of this id. */
	readonly erase: (messageId: string) => void;
	readonly copy: (words: string) => void;
	readonly retry: (draft: Draft) => void;
	readonly discard: (draft: Draft) => void;
	/** Puts the draft's words back where one writes. */
	readonly edit: (draft: Draft) => void;
}

/** A message: its sender where that is needed, words, time, and how far it has come. */
export const MessageRow = memo(function MessageRow({ id, message, mine, first, last, group, online, actions, active }: {
	readonly id: string;
	readonly message: Message | Draft;
	readonly mine: boolean;
	readonly first: boolean;
	readonly last: boolean;
	readonly group: boolean;
	readonly online: boolean;
	readonly actions: MessageActions;
	/** It has the keyboard's focus, or would get it: its controls take part in the order of Tab. */
	readonly active: boolean;
}) {
	const [hovered, setHovered] = useState(false);
	const side = classes(styles.message, mine ? styles.mine : styles.theirs, first && styles.first, last && styles.last, group && styles.group);
	const held = message.kind === 'draft' && message.status !== 'waiting';
	return (
		<div className={side} onPointerEnter={() => setHovered(true)} onPointerLeave={() => setHovered(false)}>
			{mine || message.kind === 'draft'
				? <span id={`${id}-who`} className="visually-hidden">You:</span>
				: <Sender id={`${id}-who`} userId={message.senderId} shown={group && first} pictured={group && last} />}
			<div className={classes(styles.bubble, held && styles.held)}>
				<div id={`${id}-words`} className={styles.words}>
					{message.content === null
						? <em className={styles.erased}><Icon name="block" size={15} />This message was erased</em>
						: <Words text={message.content} />}
				</div>
				<Meta id={`${id}-at`} message={message} mine={mine} online={online} actions={actions} active={active} />
				{message.kind === 'draft' && held && <HeldDraft draft={message} actions={actions} />}
				{message.kind === 'message' && (active || hovered) && (
					<MessageMenu message={message} mine={mine} actions={actions} className={styles.menu} />
				)}
			</div>
		</div>
	);
});

function Sender({ id, userId, shown, pictured }: {
	readonly id: string;
	readonly userId: string;
	readonly shown: boolean;
	readonly pictured: boolean;
}) {
	const person = usePresence(userId);
	const name = nameOf(person);
	return (
		<>
			{pictured && <span className={styles.picture} aria-hidden="true"><Avatar id={userId} name={name} size="small" /></span>}
			<span id={id} className={shown ? classes(styles.sender, styles[`hue${hueOf(userId)}`]) : 'visually-hidden'}>{name}</span>
		</>
	);
}

function Meta({ id, message, mine, online, actions, active }: {
	readonly id: string;
	readonly message: Message | Draft;
	readonly mine: boolean;
	readonly online: boolean;
	readonly actions: MessageActions;
	readonly active: boolean;
}) {
	const at = message.kind === 'draft' ? message.createdAt : message.timestamp;
	return (
		<span id={id} className={styles.meta}>
			{message.kind === 'draft' && message.status === 'waiting' && !online && <span>{tickText('waiting', false)}</span>}
			<TimeAgo at={at} as="clock" />
			{mine && message.kind === 'message' && (
				<button
					type="button" className={styles.ticks} tabIndex={active ? 0 : -1} title={`${tickText(tickOf(message), online)}. Show details`}
					onClick={() => actions.showReceipts(message.id)}
				>
					<TickIcon tick={tickOf(message)} />
				</button>
			)}
			{message.kind === 'draft' && message.status === 'waiting' && <TickIcon tick="waiting" />}
		</span>
	);
}
