// The inbox.

import type { Api } from '../api';
import type { Notification } from '../generated/answers';
import type { NotificationFrame, NotificationReadFrame } from '../generated/frames';
import type { Note } from '../model';

/** The most notifications that are remembered as read before they are known; the oldest is forgotten first, since pages tell of it too. */
const mostUnseen = 10_000;

/** The notifications that are known: a page's and what came since, so that nothing between two of them is missing. */
export interface Notes {
	/** snapshot lists them, the newest first; null before the first page. */
	snapshot(): readonly Note[] | null;
	/** add takes the frame of a new one, and reports whether it was news. */
	add(frame: NotificationFrame): boolean;
	/** markRead takes the frame that says that one was read, and reports whether that was news. */
	markRead(frame: NotificationReadFrame): boolean;
	/** load loads the first page, at least as of a position. */
	load(atLeast: number): Promise<void>;
	/** loadOlder loads the next page, one at a time, and resolves with whether there is more. */
	loadOlder(): Promise<boolean>;
}

/** createNotes returns an empty inbox; `changed` is called when a page came. */
export function createNotes(api: Api, changed: () => void): Notes {
	const known = new Map<string, Note>();
	const read = new Set<string>();
	let list: readonly Note[] | null = null;
	let cursor: string | null | undefined; // undefined before the first page
	let older: Promise<boolean> | null = null;

	function put(note: Note): boolean {
		const before = known.get(note.id);
		const next = { ...note, read: note.read || before?.read === true || read.has(note.id) };
		read.delete(note.id);
		if (before?.read === next.read) return false;
		known.set(note.id, next);
		list = null;
		return true;
	}

	async function page(from: string | null, atLeast?: number): Promise<void> {
		const { value } = await api.notifications(from, atLeast);
		value.items.forEach((item) => put(noteOf(item)));
		cursor = value.next_cursor;
		list = null;
		changed();
	}

	async function next(): Promise<boolean> {
		if (cursor) await page(cursor);
		return typeof cursor === 'string';
	}

	return {
		snapshot() {
			if (cursor === undefined) return null;
			list ??= [...known.values()].sort((a, b) => b.position - a.position);
			return list;
		},
		add: ({ notification_id: id, notification_type: type, title, message, link, created_at: createdAt, position }) =>
			put({ id, type, title, message, link, createdAt, position, read: false }),
		markRead({ notification_id: id }) {
			const note = known.get(id);
			if (note) return put({ ...note, read: true });
			if (read.has(id)) return false;
			read.add(id);
			for (const oldest of read) {
				if (read.size <= mostUnseen) break;
				read.delete(oldest);
			}
			return true;
		},
		load: async (atLeast) => (cursor === undefined ? page(null, atLeast) : undefined),
		loadOlder() {
			older ??= next().finally(() => {
				older = null;
			});
			return older;
		},
	};
}

function noteOf(item: Notification): Note {
	const { id, notification_type: type, title, message, link, created_at: createdAt, position, is_read } = item;
	return { id, type, title, message, link, createdAt, position, read: is_read };
}
