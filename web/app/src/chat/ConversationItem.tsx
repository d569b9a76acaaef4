import type { answers, Conversation, Draft, Message, Target } from '@chainmail/client';
import { useChainmail, usePresence } from '@chainmail/react';
import { memo } from 'react';
import { shortAddress } from '../people/shortAddress';
import { href } from '../router';
import { Avatar } from '../ui/Avatar';
import { Badge } from '../ui/Badge';
import { Icon } from '../ui/Icon';
import { TimeAgo } from '../ui/TimeAgo';
import { classes } from '../ui/classes';
import styles from './ConversationItem.module.css';
import { conversationName, nameOf, shownIds, typingText } from './names';
import { TickIcon } from './TickIcon';
import { tickOf } from './ticks';
import { textKey, useUnfinished } from './unfinished';
import { usePeople } from './usePeople';

/** A conversation's line in the list. */
export const ConversationItem = memo(function ConversationItem({ conversation, target, current, tabIndex }: {
	readonly conversation: Conversation;
	readonly target: Target;
	readonly current: boolean;
	readonly tabIndex: number;
}) {
	const { userId } = useChainmail();
	const people = usePeople(shownIds(conversation, userId ?? ''));
	const name = conversationName(conversation, people);
	const direct = conversation.peerId !== null;
	return (
		<a
			href={href({ view: 'chats', target })} tabIndex={tabIndex} aria-current={current ? 'page' : undefined}
			className={classes(styles.item, current && styles.current)}
		>
			<Avatar
				id={conversation.peerId ?? conversation.id ?? ''} name={name} group={!direct} online={direct && people[0]?.online === true}
			/>
			<span className={styles.text}>
				<span className={styles.line}>
					<span className={styles.name}>{name}</span>
					<TimeAgo at={conversation.activeAt} as="list" className={styles.time} />
				</span>
				<span className={styles.line}>
					<Preview conversation={conversation} userId={userId ?? ''} target={target} current={current} />
					<Badge count={conversation.unread} label="unread" />
				</span>
			</span>
		</a>
	);
});

/** Somebody whom the search has found. */
export function PersonItem({ person, tabIndex, onChosen }: {
	readonly person: answers.User;
	readonly tabIndex: number;
	readonly onChosen: () => void;
}) {
	return (
		<a href={href({ view: 'chats', target: { userId: person.id } })} tabIndex={tabIndex} className={styles.item} onClick={onChosen}>
			<Avatar id={person.id} name={person.name} online={person.online} />
			<span className={styles.text}>
				<span className={styles.name}>{person.name}</span>
				<span className={styles.preview}>{shortAddress(person.wallet_address) ?? 'Write a message'}</span>
			</span>
		</a>
	);
}

function Preview({ conversation, userId, target, current }: {
	readonly conversation: Conversation;
	readonly userId: string;
	readonly target: Target;
	readonly current: boolean;
}) {
	const unfinished = useUnfinished(textKey(userId, target));
	const typing = usePeople(conversation.typing).map(nameOf);
	const last = conversation.drafts.at(-1) ?? conversation.lastMessage;
	if (typing.length > 0) {
		return <span className={classes(styles.preview, styles.typing)}>{typingText(typing, conversation.peerId !== null)}</span>;
	}
	if (unfinished.trim() !== '' && !current) {
		return <span className={styles.preview}><span className={styles.draft}>Draft: </span>{unfinished}</span>;
	}
	if (last === null) {
		return <span className={styles.preview}>{conversation.peerId === null ? 'No messages yet' : 'Say hello'}</span>;
	}
	return <Words message={last} mine={last.kind === 'draft' || last.senderId === userId} direct={conversation.peerId !== null} />;
}

function Words({ message, mine, direct }: { readonly message: Message | Draft; readonly mine: boolean; readonly direct: boolean }) {
	if (message.kind === 'draft' && message.status !== 'waiting') {
		return <span className={classes(styles.preview, styles.held)}><Icon name="warning" size={15} />Not sent: {message.content}</span>;
	}
	return (
		<span className={styles.preview}>
			{mine && message.content !== null && <TickIcon tick={tickOf(message)} />}
			{!mine && !direct && message.kind === 'message' && <SenderName id={message.senderId} />}
			{message.content === null ? <em>Erased</em> : message.content.slice(0, 200)}
		</span>
	);
}

function SenderName({ id }: { readonly id: string }) {
	return <span className={styles.sender}>{nameOf(usePresence(id)).split(' ')[0]}: </span>;
}
