// What a board knows of its tasks, out of answers and frames that come in any order. A task's status is that of the newest
// position; what this user wants and the server has not granted yet lies over it, and goes without a trace when it is refused.

import type { answers, TaskStatusUpdateFrame } from '@chainmail/client';
import { STATUSES, type Status } from './status';

/** Frames of tasks that are not known yet; of more the oldest go. The load that a stranger sets off knows better. */
const STRANGERS = 1_000;

/** A task on the board. */
export interface Card {
	readonly task: answers.Task;
	/** Where the card is shown: the status that was asked for while that is not answered, else the task's. */
	readonly status: Status;
	/** Whether a move of this user is under way. */
	readonly moving: boolean;
}

interface Known {
	readonly task: answers.Task;
	/** Up to where in the log the task's status is known. */
	readonly position: number;
}

interface Move {
	readonly id: string;
	readonly status: Status;
}

/** The state of a board. */
export interface Board {
	readonly tasks: ReadonlyMap<string, Known>;
	readonly moves: ReadonlyMap<string, Move>;
	/** The newest frame of each task that is not known, for when it is. */
	readonly strangers: ReadonlyMap<string, TaskStatusUpdateFrame>;
}

/** What happens to a board. A position is what the answer says that it shows everything up to. */
export type BoardEvent =
	| { readonly type: 'loaded'; readonly tasks: readonly answers.Task[]; readonly position: number }
	| { readonly type: 'frame'; readonly frame: TaskStatusUpdateFrame }
	| { readonly type: 'move'; readonly moveId: string; readonly taskId: string; readonly status: Status }
	| { readonly type: 'moved'; readonly moveId: string; readonly task: answers.Task; readonly position: number }
	| { readonly type: 'refused'; readonly moveId: string; readonly taskId: string };

/** A board that knows nothing. */
export const emptyBoard: Board = { tasks: new Map(), moves: new Map(), strangers: new Map() };

/** reduceBoard applies what happened. What changes nothing returns the same board. */
export function reduceBoard(board: Board, event: BoardEvent): Board {
	switch (event.type) {
	case 'loaded':
		return learn(board, event.tasks, event.position);
	case 'frame':
		return applyFrame(board, event.frame);
	case 'move':
		return { ...board, moves: new Map(board.moves).set(event.taskId, { id: event.moveId, status: event.status }) };
	case 'moved':
		return endMove(learn(board, [event.task], event.position), event.task.id, event.moveId);
	case 'refused':
		return endMove(board, event.taskId, event.moveId);
	}
}

/** isStranger tells whether a frame is of a task that the board does not know: it has to be loaded. */
export function isStranger(board: Board, frame: TaskStatusUpdateFrame): boolean {
	return !board.tasks.has(frame.task_id);
}

/** columns sorts the cards by where they are shown: what this user moves first, then what changed last. */
export function columns(board: Board): ReadonlyMap<Status, readonly Card[]> {
	const found = new Map<Status, Card[]>(STATUSES.map((status) => [status, []]));
	for (const { task } of [...board.tasks.values()].sort(newestFirst)) {
		const move = board.moves.get(task.id);
		const card: Card = { task, status: move?.status ?? task.status, moving: move !== undefined };
		const column = found.get(card.status);
		if (card.moving) {
			column?.unshift(card);
		} else {
			column?.push(card);
		}
	}
	return found;
}

function newestFirst(a: Known, b: Known): number {
	return Date.parse(b.task.updated_at) - Date.parse(a.task.updated_at) || b.task.position - a.task.position;
}

function learn(board: Board, tasks: readonly answers.Task[], position: number): Board {
	const known = new Map(board.tasks);
	const met = tasks.filter((task) => board.strangers.has(task.id));
	for (const task of tasks) {
		const before = known.get(task.id);
		if (before !== undefined && before.position > position) {
			continue;
		}
		const frame = board.strangers.get(task.id);
		const now = { task, position };
		known.set(task.id, frame !== undefined && frame.position > position ? changed(now, frame) : now);
	}
	return { ...board, tasks: known, strangers: met.length === 0 ? board.strangers : without(board.strangers, met.map((task) => task.id)) };
}

function without<T>(map: ReadonlyMap<string, T>, ids: readonly string[]): ReadonlyMap<string, T> {
	return new Map([...map].filter(([id]) => !ids.includes(id)));
}

function applyFrame(board: Board, frame: TaskStatusUpdateFrame): Board {
	const known = board.tasks.get(frame.task_id);
	if (known === undefined) {
		return keepStranger(board, frame);
	}
	if (known.position >= frame.position) {
		return board;
	}
	return { ...board, tasks: new Map(board.tasks).set(frame.task_id, changed(known, frame)) };
}

function keepStranger(board: Board, frame: TaskStatusUpdateFrame): Board {
	const before = board.strangers.get(frame.task_id);
	if (before !== undefined && before.position >= frame.position) {
		return board;
	}
	const strangers = new Map(board.strangers);
	strangers.delete(frame.task_id); // what is set anew comes last
	strangers.set(frame.task_id, frame);
	for (const oldest of strangers.keys()) {
		if (strangers.size <= STRANGERS) {
			break;
		}
		strangers.delete(oldest);
	}
	return { ...board, strangers };
}

function changed(known: Known, frame: TaskStatusUpdateFrame): Known {
	const task = { ...known.task, status: frame.status, updated_by: frame.updated_by, updated_at: frame.timestamp };
	return { task, position: frame.position };
}

function endMove(board: Board, taskId: string, moveId: string): Board {
	if (board.moves.get(taskId)?.id !== moveId) {
		return board;
	}
	return { ...board, moves: without(board.moves, [taskId]) };
}
