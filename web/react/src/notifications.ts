import type { Note } from '@chainmail/client';
import { useCallback } from 'react';
import { useClient } from './provider';
import { useSnapshot } from './snapshot';

/** The inbox. */
export interface NotificationsState {
	/** The newest first; null until they were loaded. */
	readonly notes: readonly Note[] | null;
	/** How many of the loaded ones are not read. */
	readonly unread: number;
	/** read says that a notification was read. Rejects with Trouble. */
	readonly read: (id: string) => Promise<void>;
	/** loadOlder loads the next page and resolves with whether there is more. Rejects with Trouble. */
	readonly loadOlder: () => Promise<boolean>;
}

/** useNotifications returns the inbox. */
export function useNotifications(): NotificationsState {
	const client = useClient();
	const notes = useSnapshot(client, () => client.notes());
	return {
		notes,
		unread: notes?.filter((note) => !note.read).length ?? 0,
		read: useCallback((id: string) => client.readNote(id), [client]),
		loadOlder: useCallback(() => client.loadOlderNotes(), [client]),
	};
}
