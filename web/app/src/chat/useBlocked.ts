import { useClient } from '@chainmail/react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { allBlocked, onBlocks } from '../people/blocks';
import { useToast } from '../ui/toasts';
import { troubleText } from '../ui/troubleText';

/** Whether this user has blocked another one, and what changes that. */
export interface Blocking {
	readonly is: boolean;
	readonly block: () => void;
	readonly unblock: () => void;
}

/**
 * useBlocked asks whether this user has blocked the given one; nobody, for null. Until the answer is there he counts as
 * not blocked.
 */
export function useBlocked(personId: string | null): Blocking {
	const client = useClient();
	const toast = useToast();
	const [blockedId, setBlockedId] = useState<string | null>(null);
	useEffect(() => {
		if (personId === null) {
			return undefined;
		}
		let current = true;
		const ask = (): void => {
			allBlocked(client.api).then(
				(people) => current && setBlockedId(people.some((person) => person.id === personId) ? personId : null),
				() => undefined, // the server refuses what is blocked, in any case
			);
		};
		ask();
		const off = onBlocks(ask);
		return () => {
			current = false;
			off();
		};
	}, [client, personId]);
	const change = useCallback((call: Promise<void>, after: string | null) => {
		call.then(() => setBlockedId(after), (error: unknown) => {
			toast({ title: 'That did not work', message: troubleText(error), tone: 'bad' });
		});
	}, [toast]);
	return useMemo(() => ({
		is: personId !== null && blockedId === personId,
		block: () => {
			if (personId !== null) {
				change(client.api.block(personId), personId);
			}
		},
		unblock: () => {
			if (personId !== null) {
				change(client.api.unblock(personId), null);
			}
		},
	}), [blockedId, change, client, personId]);
}
