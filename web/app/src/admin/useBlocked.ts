import { Trouble, type answers, type TypedError } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useCallback, useEffect, useState } from 'react';

/** Blocked messages, the newest first. */
export interface Blocked {
	/** null until they were loaded. */
	readonly items: readonly answers.BlockedMessage[] | null;
	readonly problem: TypedError | null;
	/** Loads the next page; null when there is none. */
	readonly loadOlder: (() => Promise<void>) | null;
	/** Loads the newest page again. */
	readonly reload: () => Promise<void>;
}

/** useBlocked loads the newest page, and again whenever `blocked`, the server's count of them, has changed. */
export function useBlocked(blocked: number | null): Blocked {
	const client = useClient();
	const [items, setItems] = useState<readonly answers.BlockedMessage[] | null>(null);
	const [cursor, setCursor] = useState<string | null | undefined>(undefined);
	const [problem, setProblem] = useState<TypedError | null>(null);
	const load = useCallback(async (from: string | null) => {
		try {
			const page = await client.api.blockedMessages(from);
			setItems((known) => merge(known ?? [], page.items));
			setCursor((now) => from === null && now !== undefined ? now : page.next_cursor);
			setProblem(null);
		} catch (error) {
			if (!(error instanceof Trouble)) throw error;
			setProblem(error);
		}
	}, [client]);
	useEffect(() => void load(null), [load, blocked]);
	return {
		items, problem, reload: useCallback(() => load(null), [load]),
		loadOlder: cursor === null || cursor === undefined ? null : () => load(cursor),
	};
}

function merge(known: readonly answers.BlockedMessage[], more: readonly answers.BlockedMessage[]): readonly answers.BlockedMessage[] {
	const byId = new Map([...known, ...more].map((message) => [message.id, message]));
	return [...byId.values()].sort((a, b) => b.position - a.position);
}
