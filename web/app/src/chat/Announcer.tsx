import type { Draft } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useEffect, useRef, useState } from 'react';
import { announcement, type Heard, notSent } from './announcement';
import { nameOf } from './names';

const pause = 500; // milliseconds in which messages are gathered, so that a rush of them is one sentence

/** Tells screen readers of messages that others write to the open conversation, and of one's own `drafts` that are held. */
export function Announcer({ conversationId, drafts, userId }: {
	readonly conversationId: string | null;
	readonly drafts: readonly Draft[];
	readonly userId: string;
}) {
	const client = useClient();
	const [words, setWords] = useState('');
	const before = useRef(drafts);
	useEffect(() => {
		const waited = new Set(before.current.map((draft) => draft.status === 'waiting' ? draft.clientMessageId : null));
		const held = drafts.findLast((draft) => draft.status !== 'waiting' && waited.has(draft.clientMessageId));
		before.current = drafts;
		if (held !== undefined) {
			setWords(notSent(held));
		} else if (drafts.some((draft) => draft.status === 'waiting')) {
			setWords(''); // the same words once more would not be heard
		}
	}, [drafts]);
	useEffect(() => {
		let heard: Heard[] = [];
		let timer: ReturnType<typeof setTimeout> | null = null;
		const tell = (): void => {
			timer = null;
			setWords(announcement(heard));
			heard = [];
		};
		const off = client.on('chat_message', (frame) => {
			if (frame.conversation_id !== conversationId || frame.sender_id === userId || frame.content === null) {
				return;
			}
			heard = [...heard, { name: nameOf(client.person(frame.sender_id)), content: frame.content }].slice(-100);
			timer ??= setTimeout(tell, pause);
		});
		const offErased = client.on('message_erased', () => {
			heard = [];
			setWords('');
		});
		return () => {
			off();
			offErased();
			if (timer !== null) {
				clearTimeout(timer);
			}
		};
	}, [client, conversationId, userId]);
	return <div className="visually-hidden" role="status" aria-live="polite">{words}</div>;
}
