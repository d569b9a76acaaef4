import type { Conversation } from '@chainmail/client';
import { useCallback, useMemo, useState } from 'react';

/**
 * useErased returns a conversation without the words of messages that were erased here, and the function that says that one was: an admin who
 * does not take part is told of it by no frame.
 */
export function useErased(conversation: Conversation): readonly [Conversation, (messageId: string) => void] {
	const [erasedIds, setErasedIds] = useState<ReadonlySet<string>>(new Set());
	const markErased = useCallback((id: string) => setErasedIds((before) => new Set(before).add(id)), []);
	const shown = useMemo(() => erasedIds.size === 0 ? conversation : {
		...conversation,
		entries: conversation.entries.map((entry) => entry.kind === 'message' && erasedIds.has(entry.id) && !entry.erased
			? { ...entry, content: null, erased: true }
			: entry),
	}, [conversation, erasedIds]);
	return [shown, markErased];
}
