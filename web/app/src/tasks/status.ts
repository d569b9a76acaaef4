// The statuses of a task, and what may follow each: docs/http.md, "Projects and tasks".

import type { answers } from '@chainmail/client';

/** How a task stands. */
export type Status = answers.Task['status'];

/** All statuses, in the order of a board's columns. */
export const STATUSES: readonly Status[] = ['open', 'in_progress', 'in_review', 'done', 'cancelled'];

const FOLLOWING: Readonly<Record<Status, readonly Status[]>> = {
	open: ['in_progress', 'cancelled'],
	in_progress: ['in_review', 'open', 'cancelled'],
	in_review: ['done', 'in_progress', 'cancelled'],
	done: [],
	cancelled: [],
};

const LABELS: Readonly<Record<Status, string>> = {
	open: 'Open',
	in_progress: 'In progress',
	in_review: 'In review',
	done: 'Done',
	cancelled: 'Cancelled',
};

/** following gives the statuses that may come after one; none for those that are final. */
export function following(status: Status): readonly Status[] {
	return FOLLOWING[status];
}

/** statusLabel names a status for people. */
export function statusLabel(status: Status): string {
	return LABELS[status];
}

/** isStatus tells whether a text is a status. */
export function isStatus(text: string | undefined): text is Status {
	return STATUSES.some((status) => status === text);
}
