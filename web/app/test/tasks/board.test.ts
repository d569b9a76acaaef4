import type { answers, TaskStatusUpdateFrame } from '@chainmail/client';
import { describe, expect, test } from 'vitest';
import { columns, emptyBoard, isStranger, reduceBoard, type Board, type BoardEvent } from '../../src/tasks/board';
import { following, STATUSES, type Status } from '../../src/tasks/status';

function task(id: string, status: Status, updated = 1): answers.Task {
	return {
		id, status, project_id: 'p', title: id, author_id: 'author', freelancer_id: 'bob', created_by: 'author', position: 1,
		created_at: new Date(0).toISOString(), updated_at: new Date(updated * 1000).toISOString(), updated_by: 'author',
	};
}

function frame(id: string, status: Status, position: number): TaskStatusUpdateFrame {
	return {
		type: 'task_status_update', task_id: id, project_id: 'p', status, updated_by: 'bob', position,
		timestamp: new Date(position * 1000).toISOString(),
	};
}

function after(...events: BoardEvent[]): Board {
	return events.reduce(reduceBoard, emptyBoard);
}

function shown(board: Board): Record<string, string[]> {
	return Object.fromEntries([...columns(board)].filter(([, cards]) => cards.length > 0).map(([s, cards]) => [s, cards.map((c) => c.task.id)]));
}

function permutations<T>(items: readonly T[]): T[][] {
	return items.length <= 1 ? [[...items]] : items.flatMap((item, i) =>
		permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));
}

describe('a board', () => {
	test('ends with the newest position in any order of answers and frames', () => {
		const events: BoardEvent[] = [
			{ type: 'loaded', tasks: [task('a', 'open'), task('b', 'open')], position: 10 },
			{ type: 'frame', frame: frame('a', 'in_progress', 11) },
			{ type: 'loaded', tasks: [task('a', 'in_progress', 11)], position: 12 },
			{ type: 'frame', frame: frame('a', 'in_review', 14) },
			{ type: 'frame', frame: frame('b', 'cancelled', 13) },
		];
		for (const order of permutations(events)) {
			const board = after(...order);
			expect(shown(board)).toEqual({ in_review: ['a'], cancelled: ['b'] });
			expect(board.tasks.get('a')?.task.updated_by).toBe('bob');
			expect(board.strangers.size).toBe(0);
		}
	});

	test('is the same object after what it knew already', () => {
		const board = after({ type: 'loaded', tasks: [task('a', 'done')], position: 20 });
		expect(reduceBoard(board, { type: 'frame', frame: frame('a', 'in_review', 20) })).toBe(board);
		expect(reduceBoard(board, { type: 'refused', moveId: 'gone', taskId: 'a' })).toBe(board);
	});

	test('keeps a frame of a task that it does not know for when it does', () => {
		const early = after({ type: 'frame', frame: frame('a', 'in_review', 14) }, { type: 'frame', frame: frame('a', 'in_progress', 11) });
		expect(isStranger(early, frame('a', 'done', 15))).toBe(true);
		const board = reduceBoard(early, { type: 'loaded', tasks: [task('a', 'open')], position: 10 });
		expect(shown(board)).toEqual({ in_review: ['a'] });
		expect(isStranger(board, frame('a', 'done', 15))).toBe(false);
	});

	test('holds 1,000 frames of unknown tasks and drops the oldest', () => {
		let board = emptyBoard;
		for (let i = 1; i <= 1_002; i++) {
			board = reduceBoard(board, { type: 'frame', frame: frame(`t${i}`, 'open', i) });
		}
		expect(board.strangers.size).toBe(1_000);
		expect(board.strangers.has('t2')).toBe(false);
		expect(board.strangers.has('t3')).toBe(true);
	});

	test('shows a move at once, first in its column, and keeps it when it is granted', () => {
		const start: BoardEvent = { type: 'loaded', tasks: [task('a', 'open', 1), task('b', 'in_progress', 9)], position: 10 };
		const moving = after(start, { type: 'move', moveId: '1', taskId: 'a', status: 'in_progress' });
		expect(shown(moving)).toEqual({ in_progress: ['a', 'b'] });
		const moved = reduceBoard(moving, { type: 'moved', moveId: '1', task: task('a', 'in_progress', 12), position: 13 });
		expect(shown(moved)).toEqual({ in_progress: ['a', 'b'] });
		expect(columns(moved).get('in_progress')?.[0]?.moving).toBe(false);
	});

	test('goes back to how the task stands when a move is refused, also if that changed meanwhile', () => {
		const board = after(
			{ type: 'loaded', tasks: [task('a', 'open')], position: 10 },
			{ type: 'move', moveId: '1', taskId: 'a', status: 'in_progress' },
			{ type: 'frame', frame: frame('a', 'cancelled', 12) },
		);
		expect(shown(board)).toEqual({ in_progress: ['a'] });
		expect(shown(reduceBoard(board, { type: 'refused', moveId: '1', taskId: 'a' }))).toEqual({ cancelled: ['a'] });
	});

	test('does not let the answer to an old move end a new one, or undo what came later', () => {
		const board = after(
			{ type: 'loaded', tasks: [task('a', 'open')], position: 10 },
			{ type: 'move', moveId: '1', taskId: 'a', status: 'in_progress' },
			{ type: 'move', moveId: '2', taskId: 'a', status: 'in_review' },
			{ type: 'frame', frame: frame('a', 'cancelled', 20) },
			{ type: 'moved', moveId: '1', task: task('a', 'in_progress', 12), position: 13 },
		);
		expect(shown(board)).toEqual({ in_review: ['a'] });
		expect(board.tasks.get('a')?.task.status).toBe('cancelled');
	});

	test('puts what changed last first', () => {
		const board = after({ type: 'loaded', tasks: [task('old', 'open', 1), task('new', 'open', 3), task('mid', 'open', 2)], position: 10 });
		expect(shown(board)).toEqual({ open: ['new', 'mid', 'old'] });
	});
});

test('nothing follows what is final, and nothing follows itself', () => {
	expect(STATUSES.filter((s) => following(s).length === 0)).toEqual(['done', 'cancelled']);
	expect(STATUSES.every((s) => !following(s).includes(s))).toBe(true);
});
