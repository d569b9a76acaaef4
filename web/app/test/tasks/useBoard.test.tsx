// @vitest-environment jsdom

import { Trouble, type Answer, type answers, type Chainmail, type Events, type Page, type TaskStatusUpdateFrame } from '@chainmail/client';
import { ChainmailProvider } from '@chainmail/react';
import { act, cleanup, renderHook } from '@testing-library/react';
import { StrictMode } from 'react';
import { afterEach, expect, test } from 'vitest';
import { columns } from '../../src/tasks/board';
import type { Status } from '../../src/tasks/status';
import { useBoard } from '../../src/tasks/useBoard';

afterEach(cleanup);

function task(id: string, status: Status, project = 'p'): answers.Task {
	const time = '2030-01-01T00:00:00Z';
	return {
		id, status, project_id: project, title: id, author_id: 'author', freelancer_id: 'bob', created_by: 'author', position: 1,
		created_at: time, updated_at: time, updated_by: 'author',
	};
}

function frame(id: string, status: Status, position: number): TaskStatusUpdateFrame {
	return { type: 'task_status_update', task_id: id, project_id: 'p', status, updated_by: 'bob', position, timestamp: '2030-01-02T00:00:00Z' };
}

/** A client whose server has these tasks, and keeps the answer to each change back until it is given. */
function scripted(first: readonly answers.Task[]) {
	const server = { tasks: first, position: 10, asked: [] as (number | undefined)[], watched: new Set<string>() };
	const changes: { resolve: (answer: Answer<answers.Task>) => void; reject: (why: Trouble) => void }[] = [];
	const listeners = new Map<string, Set<(event: never) => void>>();
	const client = {
		start: () => undefined, stop: async () => undefined, subscribe: () => () => undefined, userId: () => 'author', conversations: () => null, connection: () => null,
		on(name: string, listener: (event: never) => void) {
			const known = listeners.get(name) ?? new Set();
			listeners.set(name, known.add(listener));
			return () => known.delete(listener);
		},
		watch(channel: string) {
			server.watched.add(channel);
			return () => server.watched.delete(channel);
		},
		api: {
			async tasks(_: string | null, __: string | null, atLeast?: number): Promise<Answer<Page<answers.Task>>> {
				server.asked.push(atLeast);
				return { value: { items: server.tasks, next_cursor: null }, position: server.position };
			},
			changeTaskStatus: () => new Promise<Answer<answers.Task>>((resolve, reject) => changes.push({ resolve, reject })),
		},
	};
	const emit = <K extends keyof Events>(name: K, event: Events[K]) => act(async () => listeners.get(name)?.forEach((listener) => listener(event as never)));
	return { client: client as unknown as Chainmail, server, changes, listeners, emit };
}

async function show(script: ReturnType<typeof scripted>, projectId: string | null = 'p', watchAll = true) {
	const hook = renderHook(() => useBoard(projectId, watchAll), {
		wrapper: ({ children }) => <StrictMode><ChainmailProvider client={script.client}>{children}</ChainmailProvider></StrictMode>,
	});
	await act(async () => undefined);
	const shown = () => Object.fromEntries([...columns(hook.result.current.board)].flatMap(([status, cards]) => cards.map((card) => [card.task.id, status])));
	return { hook, shown };
}

test('a move shows at once, and is taken back with the reason when it is refused', async () => {
	const script = scripted([task('a', 'open')]);
	const { hook, shown } = await show(script);
	let told: unknown;
	await act(async () => void hook.result.current.move('a', 'in_progress').then((problem) => {
		told = problem;
	}));
	expect(shown()).toEqual({ a: 'in_progress' });
	await script.emit('task_status_update', frame('a', 'cancelled', 20));
	expect(shown()).toEqual({ a: 'in_progress' });
	script.server.tasks = [task('a', 'cancelled')];
	script.server.position = 21;
	const refusal = new Trouble({ code: 'conflict', message: 'this task is cancelled', field: 'status', retryAfter: null, status: 409 });
	await act(async () => script.changes[0]?.reject(refusal));
	expect(shown()).toEqual({ a: 'cancelled' });
	expect(told).toBe(refusal);
});

test('a move that is granted stays, and what came after it wins', async () => {
	const script = scripted([task('a', 'open')]);
	const { hook, shown } = await show(script);
	await act(async () => void hook.result.current.move('a', 'in_progress'));
	await script.emit('task_status_update', frame('a', 'in_progress', 20));
	await script.emit('task_status_update', frame('a', 'in_review', 30));
	await act(async () => script.changes[0]?.resolve({ value: task('a', 'in_progress'), position: 22 }));
	expect(shown()).toEqual({ a: 'in_review' });
});

test('after a reconnection the tasks are asked for again, as of then', async () => {
	const script = scripted([task('a', 'open')]);
	const { shown } = await show(script);
	script.server.tasks = [task('a', 'done')];
	script.server.position = 50;
	await script.emit('synced', { type: 'synced', position: 49, pending: 0 } as unknown as Events['synced']);
	expect(script.server.asked.at(-1)).toBe(49);
	expect(shown()).toEqual({ a: 'done' });
});

test('a frame of an unknown task has the tasks loaded, once', async () => {
	const script = scripted([]);
	const { shown } = await show(script);
	script.server.tasks = [task('new', 'in_progress')];
	script.server.position = 60;
	const before = script.server.asked.length;
	await script.emit('task_status_update', frame('new', 'in_progress', 60));
	expect(shown()).toEqual({ new: 'in_progress' });
	expect(script.server.asked.slice(before)).toEqual([60]);
});

test('who sees all tasks watches the projects of those that are there, until the end', async () => {
	const script = scripted([task('a', 'open', 'p'), task('b', 'open', 'q'), task('c', 'done', 'p')]);
	const { hook } = await show(script, null);
	expect([...script.server.watched].sort()).toEqual(['project:p', 'project:q']);
	hook.unmount();
	expect(script.server.watched.size).toBe(0);
	expect([...script.listeners.values()].every((known) => known.size === 0)).toBe(true);
});

test('others watch nothing: what concerns them is pushed', async () => {
	const script = scripted([task('a', 'open')]);
	await show(script, 'p', false);
	expect(script.server.watched.size).toBe(0);
});
