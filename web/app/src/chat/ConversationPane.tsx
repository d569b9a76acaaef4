import type { Conversation, Target } from '@chainmail/client';
import { useChainmail } from '@chainmail/react';
import { useCallback, useMemo, useState } from 'react';
import { useToast } from '../ui/toasts';
import { Announcer } from './Announcer';
import { Composer } from './Composer';
import { ConversationHeader } from './ConversationHeader';
import { EraseDialog } from './EraseDialog';
import { MessageList } from './MessageList';
import type { MessageActions } from './MessageRow';
import styles from './ConversationPane.module.css';
import { ReceiptsDialog } from './ReceiptsDialog';
import { targetKey } from './target';
import { giveBack } from './unfinished';
import { useBlocked } from './useBlocked';
import { troubleText } from './usePeopleSearch';

/** An open conversation: who it is with, what was written, and where one writes. It is mounted anew for each conversation. */
export function ConversationPane({ target, conversation, userId }: {
	readonly target: Target;
	readonly conversation: Conversation;
	readonly userId: string;
}) {
	const { client, connection } = useChainmail();
	const toast = useToast();
	const blocked = useBlocked(conversation.peerId);
	const [shownId, setShownId] = useState<string | null>(null);
	const [erasingId, setErasingId] = useState<string | null>(null);
	const key = targetKey(target);

	const send = useCallback((words: string) => {
		client.send(target, words).catch((error: unknown) => {
			giveBack(key, words); // also when another conversation is open by now
			toast({ title: 'Your message was not sent', message: troubleText(error), tone: 'bad' });
		});
	}, [client, key, target, toast]);
	const read = useCallback((ids: readonly string[]) => client.read(ids), [client]);
	const loadOlder = useCallback(() => client.loadOlder(target), [client, target]);
	const typing = useCallback((isTyping: boolean) => client.typing(target, isTyping), [client, target]);

	const actions = useMemo((): MessageActions => {
		const failed = (error: unknown): void => toast({ title: 'That did not work', message: troubleText(error), tone: 'bad' });
		return {
			showReceipts: setShownId,
			erase: setErasingId,
			copy: (words) => {
				navigator.clipboard.writeText(words).then(() => toast({ title: 'Copied', tone: 'good' }), failed);
			},
			retry: (draft) => void client.retry(draft.clientMessageId).catch(failed),
			discard: (draft) => void client.discard(draft.clientMessageId).catch(failed),
			edit: (draft) => {
				client.discard(draft.clientMessageId).then(() => giveBack(key, draft.content), failed);
			},
		};
	}, [client, key, toast]);

	const find = (id: string | null) => conversation.entries.find((entry) => entry.kind === 'message' && entry.id === id);
	const shown = find(shownId);
	const erasing = find(erasingId);
	return (
		<div className={styles.pane}>
			<ConversationHeader conversation={conversation} userId={userId} blocked={blocked} />
			<MessageList
				conversation={conversation} userId={userId} online={connection.phase !== 'offline' && connection.phase !== 'ended'}
				actions={actions} loadOlder={loadOlder} read={read}
			/>
			<Announcer conversationId={conversation.id} userId={userId} />
			{blocked.is
				? <Blocked onUnblock={blocked.unblock} />
				: <Composer textKey={key} send={send} typing={typing} />}
			{shown?.kind === 'message' && <ReceiptsDialog message={shown} conversation={conversation} onClose={() => setShownId(null)} />}
			{erasing?.kind === 'message' && (
				<EraseDialog message={erasing} mine={erasing.senderId === userId} onClose={() => setErasingId(null)} />
			)}
		</div>
	);
}

function Blocked({ onUnblock }: { readonly onUnblock: () => void }) {
	return (
		<p className={styles.blocked}>
			You have blocked this person. <button type="button" onClick={onUnblock}>Unblock</button> to write again.
		</p>
	);
}
