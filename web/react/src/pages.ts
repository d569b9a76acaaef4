// Pages of history, one at a time for each conversation, however many components ask.

import type { Chainmail, Conversation, Target, TypedError } from '@chainmail/client';
import { Trouble } from '@chainmail/client';
import { useCallback, useEffect, useState } from 'react';

/** So many entries are worth showing without asking for older ones; a page has 50. */
const enough = 30;

const running = new WeakMap<Chainmail, Map<string, Promise<void>>>();

/** keyOf tells targets apart. */
export function keyOf(target: Target): string {
	return 'userId' in target ? `user ${target.userId}` : `conversation ${target.conversationId}`;
}

function loadPage(client: Chainmail, target: Target): Promise<void> {
	const pages = running.get(client) ?? new Map<string, Promise<void>>();
	running.set(client, pages);
	const key = keyOf(target);
	const page = pages.get(key) ?? client.loadOlder(target).finally(() => pages.delete(key));
	pages.set(key, page);
	return page;
}

/** How the loading of a conversation's history goes. */
export interface Pages {
	/** Whether a page is being loaded, or will be as soon as the list is there. */
	readonly loading: boolean;
	/** Why the last page did not come; null once another was asked for. */
	readonly problem: Trouble | null;
	/** loadOlder loads the page before the first entry; does nothing before the list is there, when it is being loaded, or when there is none. Failures are in `problem`. */
	readonly loadOlder: () => Promise<void>;
}

interface Progress {
	/** What this is about: of another conversation nothing is known yet. */
	readonly client: Chainmail;
	readonly target: Target | null;
	/** Whether any page was asked for. */
	readonly asked: boolean;
	readonly loading: boolean;
	readonly problem: Trouble | null;
}

/** usePages loads the newest page of what is shown, once, when the list is there. The target has to be the same object while it is the same. */
export function usePages(client: Chainmail, target: Target | null, conversation: Conversation | undefined, ready: boolean): Pages {
	const fresh: Progress = { client, target, asked: false, loading: false, problem: null };
	const [last, setLast] = useState(fresh);
	if (!ready && last.asked) setLast(fresh); // the client begins anew with another log or user
	const progress = last.client === client && last.target === target ? last : fresh;

	const loadOlder = useCallback(async () => {
		// Before the list a conversation may be known by what was pushed, and nothing can be asked for: that is no failure.
		if (!target || client.conversations() === null || client.conversation(target)?.complete) return;
		const settle = (loading: boolean, problem: Trouble | null): void =>
			setLast((now) => (loading || (now.client === client && now.target === target) ? { client, target, asked: true, loading, problem } : now));
		settle(true, null);
		try {
			await loadPage(client, target);
			settle(false, null);
		} catch (error) {
			settle(false, asTrouble(error));
		}
	}, [client, target]);

	const lacks = conversation === undefined || (!conversation.complete && conversation.entries.length < enough);
	const wanted = ready && target !== null && lacks && !progress.asked;
	useEffect(() => {
		if (wanted) void loadOlder();
	}, [wanted, loadOlder]);
	return { loading: progress.loading || !ready, problem: progress.problem, loadOlder };
}

function asTrouble(error: unknown): Trouble {
	if (error instanceof Trouble) return error;
	const unexpected: TypedError = { code: 'unexpected', message: String(error), field: null, retryAfter: null, status: null };
	return new Trouble(unexpected);
}
