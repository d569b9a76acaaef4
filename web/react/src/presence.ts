import type { Person } from '@chainmail/client';
import { useClient } from './provider';
import { useSnapshot } from './snapshot';

/** usePresence returns a user with whether he is online; undefined for null, and while he is being loaded. */
export function usePresence(userId: string | null): Person | undefined {
	const client = useClient();
	return useSnapshot(client, () => (userId === null ? undefined : client.person(userId)));
}
