import { useClient } from '@chainmail/react';
import { useMe } from '../session';

/** useNames gives the name of a user: `You` for this one, and `Somebody` until it is known. */
export function useNames(): (userId: string) => string {
	const client = useClient();
	const me = useMe();
	return (userId) => userId === me.id ? 'You' : client.person(userId)?.name ?? 'Somebody';
}
