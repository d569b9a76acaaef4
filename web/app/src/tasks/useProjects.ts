// The list of projects, live.

import { Trouble, type answers, type TypedError } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { oneAtATime } from './oneAtATime';

/** The projects, the newest first. */
export interface Projects {
	/** null until they were loaded. */
	readonly projects: readonly answers.Project[] | null;
	readonly problem: TypedError | null;
	/** Loads the next page; null when there is none. */
	readonly loadOlder: (() => void) | null;
	readonly reload: () => void;
	/** add puts a project that was just made into the list. */
	readonly add: (project: answers.Project) => void;
}

/** useProjects loads the projects, and again when there is a new one and after each reconnection. */
export function useProjects(): Projects {
	const client = useClient();
	const [projects, setProjects] = useState<readonly answers.Project[] | null>(null);
	const [cursor, setCursor] = useState<string | null | undefined>(undefined);
	const [problem, setProblem] = useState<TypedError | null>(null);

	const load = useCallback(async (from: string | null, atLeast: number) => {
		try {
			const page = await client.api.projects(from, atLeast);
			setProjects((known) => merge(known ?? [], page.items));
			setCursor((now) => from === null && now !== undefined ? now : page.next_cursor);
			setProblem(null);
		} catch (error) {
			if (!(error instanceof Trouble)) {
				throw error;
			}
			setProblem(error);
		}
	}, [client]);
	const reload = useMemo(() => oneAtATime((position) => load(null, position)), [load]);

	useEffect(() => {
		reload(0);
		const ends = [
			client.on('synced', (frame) => reload(frame.position)),
			client.on('notification', (frame) => {
				if (frame.notification_type === 'project_created') {
					reload(frame.position);
				}
			}),
		];
		return () => ends.forEach((end) => end());
	}, [client, reload]);

	return {
		projects, problem,
		loadOlder: cursor === null || cursor === undefined ? null : () => void load(cursor, 0),
		reload: () => reload(0),
		add: useCallback((project) => setProjects((known) => merge(known ?? [], [project])), []),
	};
}

function merge(known: readonly answers.Project[], more: readonly answers.Project[]): readonly answers.Project[] {
	const byId = new Map([...known, ...more].map((project) => [project.id, project]));
	return [...byId.values()].sort((a, b) => b.position - a.position);
}
