// Notices what is missing between two frames of a conversation, and has it sent.

import type { SequencedFrame } from './frames';
import type { MessageSentFrame } from './generated/frames';

/** What a watch over gaps is made with. */
export interface GapsOptions {
	/** sync asks for everything since a position, up to a `synced` with this ref. It reports whether the question left. */
	sync(since: number, ref: string): boolean;
	/** onTheWay returns the key of this connection's own message to a conversation that has no answer yet; null if there is none. */
	onTheWay(conversationId: string): string | null;
	/** overflow is called when too much is held back: the connection is to begin anew before the gap. */
	overflow(): void;
}

/**
 * A watch over the seq of each conversation. It needs live traffic: what is offered to a first connection, before its `synced`, has gaps by nature.
 */
export interface Gaps {
	/** take returns the frames to pass on now: this one and those that waited for it, or none while one before it is missing. */
	take(frame: SequencedFrame): readonly SequencedFrame[];
	/**
	 * follow notes a frame that is passed on because the connection goes on from a place and has not come to its `synced`. What is missing before such a
	 * frame is not for this user: everything since that place comes.
	 */
	follow(frame: SequencedFrame): void;
	/**
	 * answered says that this connection's own message of this key, which is not pushed to it, has its answer: the place that it has taken, or null. It
	 * returns what has waited for that, since pushes may run ahead of answers.
	 */
	answered(key: string, taken: MessageSentFrame | null): readonly SequencedFrame[];
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
	readonly conversationId: string;
	/** The newest seq up to which nothing is missing, 0 before the first, and the position of the last frame passed on. */
	seq: number;
	position: number;
	/** Later ones that answers have told. */
	readonly own: Set<number>;
	/** What waits for something before it, by seq. */
	readonly held: Map<number, SequencedFrame>;
	/** The missing seq that was noticed last, and the key of an own message that may have taken it. */
	missing: number;
	awaiting: string | null;
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
		if (!course) {
			course = { conversationId, seq: 0, position: 0, own: new Set(), held: new Map(), missing: 0, awaiting: null, asked: false };
			courses.set(conversationId, course);
		}
		return course;
	}
	function open(): Course[] {
		return [...courses.values()].filter((course) => course.held.size > 0);
	}
	/** notice looks whether something is missing that was not before. */
	function notice(course: Course): void {
		if (course.held.size === 0 || course.missing === course.seq + 1) return;
		course.missing = course.seq + 1;
		course.awaiting = options.onTheWay(course.conversationId);
	}
	function ask(): void {
		const missing = open().filter((course) => course.awaiting === null);
		if (asking || missing.length === 0) return;
		asking = options.sync(oldest(missing), (ref = `gap ${(asked += 1)}`));
		for (const course of missing) course.asked = asking;
	}
	function quiet(): void {
		asking = false;
		clearTimeout(timer);
	}

	return {
		take(frame) {
			const course = courseOf(frame.conversation_id);
			if (course.seq !== 0 && frame.seq <= course.seq) return [frame];
			if (course.seq !== 0 && frame.seq > course.seq + 1) {
				course.held.set(frame.seq, frame);
				notice(course);
				if (course.held.size > mostHeld) options.overflow();
				else ask();
				return [];
			}
			const passed = pass(course, frame);
			notice(course);
			return passed;
		},
		follow(frame) {
			const course = courseOf(frame.conversation_id);
			if (frame.seq > course.seq) pass(course, frame);
		},
		answered(key, taken) {
			for (const course of courses.values()) if (course.awaiting === key) course.awaiting = null;
			let passed: SequencedFrame[] = [];
			if (taken) {
				const course = courseOf(taken.conversation_id);
				if (course.seq !== 0 && taken.seq > course.seq) course.own.add(taken.seq);
				else if (course.seq === 0 && !taken.duplicate) moveTo(course, taken); // what comes for the first time stands at the end
				passed = resume(course);
				notice(course);
			}
			ask();
			return passed;
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
		behind() {
			const missing = open();
			return missing.length === 0 ? null : oldest(missing);
		},
		lost() {
			quiet();
			for (const course of courses.values()) {
				course.held.clear();
				course.missing = 0;
			}
		},
		reset() {
			quiet();
			courses.clear();
		},
	};
}

/** oldest is the position after which the first of these has something missing. */
function oldest(courses: readonly Course[]): number {
	return Math.min(...courses.map((course) => course.position));
}

function moveTo(course: Course, { seq, position }: Pick<SequencedFrame, 'seq' | 'position'>): void {
	course.seq = seq;
	course.position = position;
	for (const own of course.own) if (own <= seq) course.own.delete(own);
}

/** pass moves on to a frame, and returns it with those that waited for it. */
function pass(course: Course, frame: SequencedFrame): SequencedFrame[] {
	course.held.delete(frame.seq);
	moveTo(course, frame);
	return [frame, ...resume(course)];
}

/** resume moves on over what is this connection's own, and what waited for that. */
function resume(course: Course): SequencedFrame[] {
	const passed: SequencedFrame[] = [];
	while (course.seq !== 0) {
		const next = course.held.get(course.seq + 1);
		if (!next && !course.own.has(course.seq + 1)) break;
		course.seq += 1;
		course.own.delete(course.seq);
		course.held.delete(course.seq);
		if (next) {
			course.position = next.position;
			passed.push(next);
		}
	}
	return passed;
}

/** release passes on all that is held, in order of seq. */
function release(course: Course): SequencedFrame[] {
	course.asked = false;
	return [...course.held.values()].sort((a, b) => a.seq - b.seq).flatMap((frame) => (course.held.has(frame.seq) ? pass(course, frame) : []));
}
