// Notices what is missing between two frames of a conversation, and has it sent.

import type { SequencedFrame } from './frames';

/** What a watch over gaps is made with. */
export interface GapsOptions {
	/** sync asks for everything since a position, up to a `synced` with this ref. It reports whether the question left. */
	sync(since: number, ref: string): boolean;
	/** overflow is called when too much is held back: the connection is to begin anew before the gap. */
	overflow(): void;
}

/**
 * A watch over the seq of each conversation. It needs live traffic: what is offered to a first connection, before its `synced`, has gaps by nature.
 */
export interface Gaps {
	/** take returns the frames to pass on now: this one and those that waited for it, or none while one before it is missing. */
	take(frame: SequencedFrame): readonly SequencedFrame[];
	/** answered says that a seq was taken by this connection's own message, which is not pushed to it. */
	answered(conversationId: string, seq: number): void;
	/** synced ends the `sync` of this ref, and returns what is to be passed on although something is still missing: it is not for this user. */
	synced(ref: unknown): readonly SequencedFrame[];
	/** refused says that the `sync` of this ref was refused, and may be asked again in so many seconds. */
	refused(ref: unknown, retryAfter: number): void;
	/** live says that questions can be asked now. */
	live(): void;
	/** behind returns the position after which something is missing; null if nothing is. */
	behind(): number | null;
	/** lost forgets what is held back: it comes again on the next connection, which begins at `behind` as it was before. */
	lost(): void;
	/** reset forgets all. */
	reset(): void;
}

interface Course {
	/** The newest seq up to which nothing is missing, 0 before the first, and the position of the last frame passed on. */
	seq: number;
	position: number;
	/** Later ones that answers have told. */
	readonly own: Set<number>;
	/** What waits for something before it, by seq. */
	readonly held: Map<number, SequencedFrame>;
	/** Whether the `sync` under way began after the gap was noticed. */
	asked: boolean;
}

const mostHeld = 1_000;

/** createGaps makes a watch that knows no conversation yet. */
export function createGaps(options: GapsOptions): Gaps {
	const courses = new Map<string, Course>();
	let ref = '';
	let asked = 0;
	let asking = false;
	let timer: ReturnType<typeof setTimeout> | undefined;

	function courseOf(conversationId: string): Course {
		let course = courses.get(conversationId);
		if (!course) courses.set(conversationId, (course = { seq: 0, position: 0, own: new Set(), held: new Map(), asked: false }));
		return course;
	}
	function open(): Course[] {
		return [...courses.values()].filter((course) => course.held.size > 0);
	}
	function ask(): void {
		if (asking) return;
		const since = behind();
		if (since === null) return;
		asking = options.sync(since, (ref = `gap ${(asked += 1)}`));
		for (const course of open()) course.asked = asking;
	}
	function behind(): number | null {
		const missing = open();
		return missing.length === 0 ? null : Math.min(...missing.map((course) => course.position));
	}
	function quiet(): void {
		asking = false;
		clearTimeout(timer);
	}

	return {
		take(frame) {
			const course = courseOf(frame.conversation_id);
			if (course.seq !== 0 && frame.seq <= course.seq) return [frame];
			if (course.seq === 0 || frame.seq === course.seq + 1) return pass(course, frame);
			course.held.set(frame.seq, frame);
			if (course.held.size > mostHeld) options.overflow();
			else ask();
			return [];
		},
		answered(conversationId, seq) {
			const course = courseOf(conversationId);
			if (seq > course.seq) course.own.add(seq);
			advance(course);
		},
		synced(of) {
			if (!asking || of !== ref) return [];
			quiet();
			const frames = open().filter((course) => course.asked).flatMap(release);
			ask();
			return frames;
		},
		refused(of, retryAfter) {
			if (!asking || of !== ref) return;
			quiet();
			timer = setTimeout(ask, retryAfter * 1000);
		},
		live: ask,
		behind,
		lost() {
			quiet();
			for (const course of courses.values()) course.held.clear();
		},
		reset() {
			quiet();
			courses.clear();
		},
	};
}

/** advance moves over what is this connection's own. */
function advance(course: Course): void {
	while (course.seq !== 0 && course.own.delete(course.seq + 1)) course.seq += 1;
}

/** pass moves on to a frame, and returns it with those that waited for it. */
function pass(course: Course, frame: SequencedFrame): SequencedFrame[] {
	const passed: SequencedFrame[] = [];
	for (let next: SequencedFrame | undefined = frame; next; next = course.held.get(course.seq + 1)) {
		course.held.delete(next.seq);
		course.seq = next.seq;
		course.position = next.position;
		passed.push(next);
		advance(course);
	}
	return passed;
}

/** release passes on all that is held, in order of seq. */
function release(course: Course): SequencedFrame[] {
	course.asked = false;
	return [...course.held.values()].sort((a, b) => a.seq - b.seq).flatMap((frame) => (course.held.has(frame.seq) ? pass(course, frame) : []));
}
