import type { Conversation, Target, Trouble } from '@chainmail/client';
import { useCallback, useState } from 'react';
import { keyOf, usePages } from './pages';
import { useClient } from './provider';
import { useSnapshot } from './snapshot';

/** One conversation and what can be done in it. */
export interface ConversationState {
	/** undefined without a target, and while nothing is known of it. */
	readonly conversation: Conversation | undefined;
	/** Whether a page of history is being loaded. The newest one is, by itself, when the conversation is shown. */
	readonly loading: boolean;
	/** Why the last page of history did not come; null otherwise. */
	readonly problem: Trouble | null;
	/** retryLoading asks for that page again. */
	readonly retryLoading: () => Promise<void>;
	/** loadOlder loads the page before the first entry, one at a time. It never rejects: failures are in `problem`. */
	readonly loadOlder: () => Promise<void>;
	/** send resolves with the client_message_id once the message would survive a reload. Rejects with Trouble, and without a target. */
	readonly send: (content: string) => Promise<string>;
	/** retry sends a refused draft again. */
	readonly retry: (clientMessageId: string) => Promise<void>;
	/** discard takes a draft out of the outbox. */
	readonly discard: (clientMessageId: string) => Promise<void>;
	/** read says that these messages were read. */
	readonly read: (messageIds: readonly string[]) => void;
	/** typing says that this user types, or no longer does. */
	readonly typing: (isTyping: boolean) => void;
}

/** useConversation returns the conversation of a target, which may be another object at each render, and loads the newest page of its history. */
export function useConversation(target: Target | null): ConversationState {
	const client = useClient();
	const same = useSame(target);
	const conversation = useSnapshot(client, () => (same ? client.conversation(same) : undefined));
	const ready = useSnapshot(client, () => client.conversations() !== null);
	const { loading, problem, loadOlder } = usePages(client, same, conversation, ready);
	return {
		conversation, loading, problem, loadOlder, retryLoading: loadOlder,
		send: useCallback(async (content: string) => {
			if (!same) throw new Error('there is no conversation to send to');
			return client.send(same, content);
		}, [client, same]),
		retry: useCallback((id: string) => client.retry(id), [client]),
		discard: useCallback((id: string) => client.discard(id), [client]),
		read: useCallback((ids: readonly string[]) => client.read(ids), [client]),
		typing: useCallback((isTyping: boolean) => {
			if (same) client.typing(same, isTyping);
		}, [client, same]),
	};
}

// useSame returns the same object for targets that mean the same.
function useSame(target: Target | null): Target | null {
	const [kept, setKept] = useState(target);
	const isSame = target && kept ? keyOf(target) === keyOf(kept) : target === kept;
	if (!isSame) setKept(target);
	return isSame ? kept : target;
}
