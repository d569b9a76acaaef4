import type { Person } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useCallback, useRef, useSyncExternalStore } from 'react';

/**
 * usePeople returns what is known of several users, in their order, and follows it. Those who are not known yet are
 * loaded.
 */
export function usePeople(ids: readonly string[]): readonly (Person | undefined)[] {
	const client = useClient();
	const last = useRef<readonly (Person | undefined)[]>([]);
	const subscribe = useCallback((listener: () => void) => client.subscribe(listener), [client]);
	return useSyncExternalStore(subscribe, () => {
		const people = ids.map((id) => client.person(id));
		if (people.length !== last.current.length || people.some((person, i) => person !== last.current[i])) {
			last.current = people;
		}
		return last.current;
	});
}
