import type { answers } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useEffect, useState } from 'react';
import { troubleText } from '../ui/troubleText';

/** The server finds nobody by fewer characters. */
export const leastQuery = 3;

const pause = 250; // milliseconds without a key

/** What a search has found: `people` is null while there is nothing to show yet. */
export interface Found {
	readonly people: readonly answers.User[] | null;
	readonly problem: string | null;
}

const nothing: Found = { people: null, problem: null };

/**
 * usePeopleSearch finds users by a part of the name or a wallet's address, some time after the last change of the
 * query.
 */
export function usePeopleSearch(query: string): Found {
	const client = useClient();
	const wanted = query.trim();
	const [answer, setAnswer] = useState<{ readonly query: string; readonly found: Found }>({ query: '', found: nothing });
	useEffect(() => {
		if (wanted.length < leastQuery) {
			return undefined;
		}
		let current = true;
		const timer = setTimeout(() => {
			client.api.findUsers(wanted).then(
				(page) => current && setAnswer({ query: wanted, found: { people: page.items, problem: null } }),
				(error: unknown) => current && setAnswer({ query: wanted, found: { people: null, problem: troubleText(error) } }),
			);
		}, pause);
		return () => {
			current = false;
			clearTimeout(timer);
		};
	}, [client, wanted]);
	return wanted.length >= leastQuery && answer.query === wanted ? answer.found : nothing;
}
