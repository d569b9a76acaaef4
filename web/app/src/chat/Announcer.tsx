import { useClient } from '@chainmail/react';
import { useEffect, useState } from 'react';
import { announcement, type Heard } from './announcement';
import { nameOf } from './names';

const pause = 500; // milliseconds in which messages are gathered, so that a rush of them is one sentence

/** Tells screen readers of messages that others write to the open conversation. */
export function Announcer({ conversationId, userId }: { readonly conversationId: string | null; readonly userId: string }) {
	const client = useClient();
	const [words, setWords] = useState('');
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
		return () => {
			off();
			if (timer !== null) {
				clearTimeout(timer);
			}
		};
	}, [client, conversationId, userId]);
	return <div className="visually-hidden" role="status" aria-live="polite">{words}</div>;
}
