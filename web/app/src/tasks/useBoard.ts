// A board's tasks, live.

import { Trouble, type answers, type Api, type Chainmail, type TypedError } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { emptyBoard, reduceBoard, type Board, type BoardEvent } from './board';
import { oneAtATime } from './oneAtATime';
import type { Status } from './status';

/** How many pages of tasks are loaded without being asked for. */
const PAGES = 10;

/** A board and what can be done with it. */
export interface LiveBoard {
	readonly board: Board;
	/** Whether the tasks have been loaded once. */
	readonly loaded: boolean;
	/** Why the last load failed; null when it did not. */
	readonly problem: TypedError | null;
	/** Loads the next tasks; null when there are no more. */
	readonly loadOlder: (() => void) | null;
	readonly reload: () => void;
	/** add puts a task that was just made on the board. */
	readonly add: (task: answers.Task) => void;
	/** move shows a task in its new status at once, asks for it, and takes it back when that is refused: then it resolves with why. */
	readonly move: (taskId: string, status: Status) => Promise<TypedError | null>;
}

/**
 * useBoard keeps the tasks of a project, or with null all that this user sees. `channels` are watched in addition to what is pushed anyway.
 * After each reconnection the tasks are loaded again, since what came only by watching is not repeated.
 */
export function useBoard(projectId: string | null, watchAll: boolean): LiveBoard {
	const client = useClient();
	const [board, dispatch] = useReducer(reduceBoard, emptyBoard);
	const { cursor, loaded, problem, loadPages } = usePages(client.api, projectId, dispatch);
	const reload = useMemo(() => oneAtATime((position) => loadPages(null, position)), [loadPages]);
	useEffect(() => reload(0), [reload]);
	useFrames(client, projectId, dispatch, reload);
	useWatched(client, useChannels(projectId, board, watchAll));

	const { strangers } = board;
	useEffect(() => {
		if (strangers.size > 0) {
			reload(Math.max(...[...strangers.values()].map((frame) => frame.position)));
		}
	}, [strangers, reload]);

	return {
		board, loaded, problem,
		loadOlder: cursor === null ? null : () => void loadPages(cursor, 0),
		reload: () => reload(0),
		add: (task) => dispatch({ type: 'loaded', tasks: [task], position: task.position }),
		move: useMove(client.api, dispatch, reload),
	};
}

function usePages(api: Api, projectId: string | null, dispatch: (event: BoardEvent) => void) {
	const [cursor, setCursor] = useState<string | null>(null);
	const [loaded, setLoaded] = useState(false);
	const [problem, setProblem] = useState<TypedError | null>(null);
	const alive = useAlive();
	const loadPages = useCallback(async (from: string | null, atLeast: number) => {
		try {
			let next = from;
			for (let pages = 0; pages < PAGES && (pages === 0 || next !== null); pages++) {
				const { value, position } = await api.tasks(projectId, next, atLeast);
				if (!alive.current) {
					return;
				}
				dispatch({ type: 'loaded', tasks: value.items, position });
				next = value.next_cursor;
			}
			setCursor(next);
			setProblem(null);
			setLoaded(true);
		} catch (error) {
			setProblem(asTrouble(error));
		}
	}, [api, projectId, dispatch, alive]);
	return { cursor, loaded, problem, loadPages };
}

function useFrames(client: Chainmail, projectId: string | null, dispatch: (event: BoardEvent) => void, reload: (position: number) => void) {
	useEffect(() => {
		const ends = [
			client.on('task_status_update', (frame) => {
				if (projectId === null || frame.project_id === projectId) {
					dispatch({ type: 'frame', frame });
				}
			}),
			client.on('notification', (frame) => {
				if (frame.notification_type === 'task_assigned') {
					reload(frame.position);
				}
			}),
			client.on('synced', (frame) => reload(frame.position)),
		];
		return () => ends.forEach((end) => end());
	}, [client, projectId, dispatch, reload]);
}

/** useChannels names the projects to watch, in a text that is the same as long as they are. */
function useChannels(projectId: string | null, board: Board, watchAll: boolean): string {
	if (!watchAll) {
		return '';
	}
	const projects = projectId === null ? [...board.tasks.values()].map(({ task }) => task.project_id) : [projectId];
	return [...new Set(projects)].sort().join(' ');
}

function useWatched(client: Chainmail, projects: string) {
	useEffect(() => {
		const ends = projects.split(' ').filter(Boolean).map((id) => client.watch(`project:${id}`));
		return () => ends.forEach((end) => end());
	}, [client, projects]);
}

function useMove(api: Api, dispatch: (event: BoardEvent) => void, reload: (position: number) => void): LiveBoard['move'] {
	const count = useRef(0);
	return useCallback(async (taskId, status) => {
		const moveId = String(++count.current);
		dispatch({ type: 'move', moveId, taskId, status });
		try {
			const { value, position } = await api.changeTaskStatus(taskId, status);
			dispatch({ type: 'moved', moveId, task: value, position });
			return null;
		} catch (error) {
			dispatch({ type: 'refused', moveId, taskId });
			reload(0); // what was refused was decided on something old, and of what got no answer nobody knows
			return asTrouble(error);
		}
	}, [api, dispatch, reload]);
}

/** useAlive tells whether the component is still there. */
function useAlive() {
	const alive = useRef(true);
	useEffect(() => {
		alive.current = true;
		return () => {
			alive.current = false;
		};
	}, []);
	return alive;
}

function asTrouble(error: unknown): TypedError {
	if (error instanceof Trouble) {
		return error;
	}
	throw error;
}
