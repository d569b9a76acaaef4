// When a message counts as read: it was to be seen, in a tab that is shown and has the focus.

import type { Row } from './rows';

/** How long what was seen is gathered before it is told, in milliseconds. */
export const readingPause = 300;

/**
 * unreadAmong returns the ids of others' messages among the rows from `first` to `last` (both included) that have
 * words.
 */
export function unreadAmong(rows: readonly Row[], first: number, last: number, userId: string): readonly string[] {
	const ids: string[] = [];
	for (const row of rows.slice(Math.max(first, 0), last + 1)) {
		if (row.kind === 'message' && row.message.kind === 'message' && row.message.senderId !== userId && !row.message.erased) {
			ids.push(row.message.id);
		}
	}
	return ids;
}

/** Gathers what is seen. */
export interface Reader {
	/** see takes the messages that are in sight now, whether or not anybody looks. */
	see(messageIds: readonly string[]): void;
	/** look is called when somebody begins to look: what is in sight is read then. */
	look(): void;
	/** stop tells what was seen and not yet told, and ends the timer. */
	stop(): void;
}

/** createReader makes a Reader that tells each message once, by `read`, while `attentive` says that somebody looks. */
export function createReader(attentive: () => boolean, read: (messageIds: readonly string[]) => void): Reader {
	const told = new Set<string>(); // one conversation's messages, while it is open
	let inSight: readonly string[] = [];
	let seen: string[] = [];
	let timer: ReturnType<typeof setTimeout> | null = null;

	const tell = () => {
		timer = null;
		if (seen.length > 0) {
			read(seen);
		}
		seen = [];
	};
	const look = () => {
		if (!attentive()) {
			return;
		}
		for (const id of inSight) {
			if (!told.has(id)) {
				told.add(id);
				seen.push(id);
			}
		}
		if (seen.length > 0 && timer === null) {
			timer = setTimeout(tell, readingPause);
		}
	};
	return {
		see(messageIds) {
			inSight = messageIds;
			look();
		},
		look,
		stop() {
			if (timer !== null) {
				clearTimeout(timer);
				tell();
			}
			inSight = [];
		},
	};
}
