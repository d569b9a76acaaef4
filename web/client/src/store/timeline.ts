// What is known of a conversation, in ascending seq.

import type { ChangeRecord, Entry } from './messages';

/**
 * The known entries of one conversation. Those from `floor` on are shown: everything that this user may see from there on is known, or on
 * its way and about to be told. What is known below the floor (a list's last message, an undelivered message of last week) has unknown
 * neighbours; it waits aside until a page of history reaches down to it.
 */
export interface Timeline {
	/** In ascending seq. */
	readonly items: Entry[];
	/** Infinity while nothing is known completely. */
	floor: number;
	readonly changes: ChangeRecord[];
}

/** newTimeline returns one in which nothing is known. */
export function newTimeline(): Timeline {
	return { items: [], floor: Infinity, changes: [] };
}

/** insert puts an entry at its seq, or returns the one that is there. At the end, where nearly all belong, it costs nothing. */
export function insert(timeline: Timeline, entry: Entry): Entry {
	const known = place(timeline.items, entry);
	if (known === entry && entry.kind === 'change') place(timeline.changes, entry);
	return known;
}

/** shownFrom is the index of the first entry that is shown. */
export function shownFrom(timeline: Timeline): number {
	return indexOf(timeline.items, timeline.floor);
}

/**
 * participantsAt says who took part just before a seq: as the last change before it left them, or as the first one after it found them.
 * Without any change they are those of `now`.
 */
export function participantsAt(timeline: Timeline, seq: number, now: readonly string[]): readonly string[] {
	const { changes } = timeline;
	const next = indexOf(changes, seq);
	const before = changes[next - 1];
	if (before) return before.participantIds;
	const after = changes[next];
	if (!after) return now;
	const { change, userId } = after.snapshot;
	if (change === 'participant_left') return [...after.participantIds, userId];
	return after.participantIds.filter((id) => id !== userId);
}

function place<T extends { readonly seq: number }>(items: T[], item: T): T {
	const last = items.at(-1);
	if (!last || last.seq < item.seq) {
		items.push(item);
		return item;
	}
	const index = indexOf(items, item.seq);
	const there = items[index];
	if (there?.seq === item.seq) return there;
	items.splice(index, 0, item);
	return item;
}

// indexOf is the index of the first item with at least this seq.
function indexOf(items: readonly { readonly seq: number }[], seq: number): number {
	let low = 0;
	let high = items.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((items[middle]?.seq ?? Infinity) < seq) low = middle + 1;
		else high = middle;
	}
	return low;
}
