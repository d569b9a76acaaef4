// A value of the client that renders anew when it changes.

import type { Chainmail } from '@chainmail/client';
import { useCallback, useSyncExternalStore } from 'react';

/** useSnapshot returns what `read` does. It has to return the same object while nothing has changed, as the client's snapshots do. */
export function useSnapshot<T>(client: Chainmail, read: () => T): T {
	const subscribe = useCallback((listener: () => void) => client.subscribe(listener), [client]);
	return useSyncExternalStore(subscribe, read, read);
}
