import type { Conversation } from '@chainmail/client';
import { type ConversationState, useChainmail } from '@chainmail/react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useToast } from '../ui/toasts';
import { troubleText } from '../ui/troubleText';
import { Announcer } from './Announcer';
import { Composer, writeOn } from './Composer';
import { ConversationHeader } from './ConversationHeader';
import { EraseDialog } from './EraseDialog';
import { MessageList } from './MessageList';
import type { MessageActions } from './MessageRow';
import styles from './ConversationPane.module.css';
import { ReceiptsDialog } from './ReceiptsDialog';
import { takesPart } from './target';
import { giveBack } from './unfinished';
import { useBlocked } from './useBlocked';
import { useErased } from './useErased';

/**
 * An open conversation: who it is with, what was written, and where one writes. It is mounted anew for each
 * conversation.
 */
export function ConversationPane({ textKey, state, conversation: told, userId }: {
	/** Under which the words that are not sent yet are kept. */
	readonly textKey: string;
	readonly state: ConversationState;
	readonly conversation: Conversation;
	readonly userId: string;
}) {
	const { connection } = useChainmail();
	const toast = useToast();
	const [conversation, markErased] = useErased(told);
	const blocked = useBlocked(conversation.peerId);
	const [shownId, setShownId] = useState<string | null>(null);
	const area = useRef<HTMLTextAreaElement>(null);
	const [erasingId, setErasingId] = useState<string | null>(null);
	const { send, retry, discard, read, typing, loading, problem, loadOlder } = state;

	const submit = useCallback((words: string) => {
		send(words).catch((error: unknown) => {
			giveBack(textKey, words); // also when another conversation is open by now
			toast({ title: 'Your message was not sent', message: troubleText(error), tone: 'bad' });
		});
	}, [send, textKey, toast]);
	const older = useMemo(() => ({ loading, failed: problem !== null, load: loadOlder }), [loading, problem, loadOlder]);

	const actions = useMemo((): MessageActions => {
		const failed = (error: unknown): void => toast({ title: 'That did not work', message: troubleText(error), tone: 'bad' });
		return {
			showReceipts: setShownId,
			erase: setErasingId,
			copy: (words) => {
				navigator.clipboard.writeText(words).then(() => toast({ title: 'Copied', tone: 'good' }), failed);
			},
			// The pressed button goes, and the focus must not go with it.
			retry: (draft) => {
				retry(draft.clientMessageId).then(() => writeOn(area.current), failed);
			},
			discard: (draft) => {
				discard(draft.clientMessageId).then(() => writeOn(area.current), failed);
			},
			edit: (draft) => {
				discard(draft.clientMessageId).then(() => {
					giveBack(textKey, draft.content);
					area.current?.focus();
				}, failed);
			},
		};
	}, [retry, discard, textKey, toast]);

	const find = (id: string | null) => conversation.entries.find((entry) => entry.kind === 'message' && entry.id === id);
	const shown = find(shownId);
	const erasing = find(erasingId);
	return (
		<div className={styles.pane}>
			<ConversationHeader conversation={conversation} userId={userId} blocked={blocked} />
			<MessageList
				conversation={conversation} userId={userId} online={connection.phase !== 'offline' && connection.phase !== 'ended'}
				actions={actions} older={older} read={read}
			/>
			<Announcer conversationId={conversation.id} drafts={conversation.drafts} userId={userId} />
			{!takesPart(conversation, userId) && <p className={styles.instead}>You do not take part in this conversation.</p>}
			{blocked.is && <Blocked onUnblock={blocked.unblock} />}
			{takesPart(conversation, userId) && !blocked.is && <Composer area={area} textKey={textKey} send={submit} typing={typing} />}
			{shown?.kind === 'message' && <ReceiptsDialog message={shown} conversation={conversation} onClose={() => setShownId(null)} />}
			{erasing?.kind === 'message' && (
				<EraseDialog message={erasing} mine={erasing.senderId === userId} onErased={() => markErased(erasing.id)} onClose={() => setErasingId(null)} />
			)}
		</div>
	);
}

function Blocked({ onUnblock }: { readonly onUnblock: () => void }) {
	return (
		<p className={styles.instead}>
			You have blocked this person. <button type="button" onClick={onUnblock}>Unblock</button> to write again.
		</p>
	);
}
