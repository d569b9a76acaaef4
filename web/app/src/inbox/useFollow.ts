import { useClient } from '@chainmail/react';
import { useCallback } from 'react';
import { go } from '../router';
import { useToast } from '../ui/toasts';
import type { Board } from './link';

/** useFollow opens the board that a notification of a project or task speaks of. */
export function useFollow(): (to: Board) => void {
	const client = useClient();
	const toast = useToast();
	return useCallback((to) => {
		if (to.kind === 'project') {
			go({ view: 'tasks', projectId: to.id });
			return;
		}
		client.api.task(to.id).then(
			(task) => go({ view: 'tasks', projectId: task.project_id }),
			(error: unknown) => toast({ title: 'The task could not be opened', message: error instanceof Error ? error.message : String(error), tone: 'bad' }),
		);
	}, [client, toast]);
}
