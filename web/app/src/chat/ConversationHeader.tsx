import type { Conversation } from '@chainmail/client';
import { useState } from 'react';
import { go } from '../router';
import { Avatar } from '../ui/Avatar';
import { IconButton } from '../ui/IconButton';
import { Menu, type MenuItem } from '../ui/Menu';
import { TimeAgo } from '../ui/TimeAgo';
import { BlockDialog } from './BlockDialog';
import styles from './ConversationHeader.module.css';
import { GroupDialog } from './GroupDialog';
import { conversationName, nameOf, shownIds, typingText } from './names';
import type { Blocking } from './useBlocked';
import { usePeople } from './usePeople';

/** Who a conversation is with, and what can be done with it. */
export function ConversationHeader({ conversation, userId, blocked }: {
	readonly conversation: Conversation;
	readonly userId: string;
	readonly blocked: Blocking;
}) {
	const [dialog, setDialog] = useState<'group' | 'block' | null>(null);
	const people = usePeople(shownIds(conversation, userId));
	const name = conversationName(conversation, people);
	const { id, peerId } = conversation;
	const items: MenuItem[] = [];
	if (peerId === null) {
		items.push({ label: 'Participants', icon: 'group', onSelect: () => setDialog('group') });
	}
	if (id !== null) {
		items.push({ label: 'History at any time', icon: 'clock', onSelect: () => go({ view: 'audit', conversationId: id }) });
	}
	if (peerId !== null) {
		items.push(blocked.is
			? { label: `Unblock ${name}`, icon: 'user', onSelect: blocked.unblock }
			: { label: `Block ${name}…`, icon: 'block', danger: true, separated: id !== null, onSelect: () => setDialog('block') });
	}
	return (
		<header className={styles.header}>
			<IconButton icon="back" label="Back to all chats" className={styles.back} onClick={() => go({ view: 'chats', target: null })} />
			<Avatar id={peerId ?? id ?? ''} name={name} group={peerId === null} online={peerId !== null && people[0]?.online === true} />
			<div className={styles.text}>
				<h1 className={styles.name}>{name}</h1>
				<Subtitle conversation={conversation} userId={userId} onGroup={() => setDialog('group')} />
			</div>
			{id !== null && (
				<IconButton
					icon="clock" label="History at any time" className={styles.wide}
					onClick={() => go({ view: 'audit', conversationId: id })}
				/>
			)}
			<Menu label="What to do with this conversation" items={items} />
			{dialog === 'group' && id !== null && (
				<GroupDialog conversation={conversation} conversationId={id} userId={userId} name={name} onClose={() => setDialog(null)} />
			)}
			{dialog === 'block' && <BlockDialog name={name} onBlock={blocked.block} onClose={() => setDialog(null)} />}
		</header>
	);
}

function Subtitle({ conversation, userId, onGroup }: {
	readonly conversation: Conversation;
	readonly userId: string;
	readonly onGroup: () => void;
}) {
	const direct = conversation.peerId !== null;
	const typing = usePeople(conversation.typing.filter((id) => id !== userId)).map(nameOf);
	const peer = usePeople(conversation.peerId === null ? [] : [conversation.peerId])[0];
	if (typing.length > 0) {
		return <p className={styles.typing}>{typingText(typing, direct)}</p>;
	}
	if (!direct) {
		const count = conversation.participantIds.length;
		return (
			<button type="button" className={styles.count} onClick={onGroup}>
				{count} {count === 1 ? 'participant' : 'participants'}
			</button>
		);
	}
	if (peer?.online === true) {
		return <p className={styles.online}>online</p>;
	}
	const seen = peer?.lastSeen ?? null;
	return <p>{seen === null ? 'offline' : <>last seen <TimeAgo at={seen} /></>}</p>;
}
