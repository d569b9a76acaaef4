// The HTTP API, a function a call.

import type {
	BlockedMessage, Change, ConsistencyProof, Conversation, MessageProof, Notification, OneMessage, OpenSession, PastMessage, Project,
	Readiness, SentMessage, Task, User,
} from './generated/answers';
import type { ServerFrame } from './generated/frames';

/** A page of a list. */
export interface Page<T> {
	readonly items: readonly T[];
	/** For the next page; null when this was the last. */
	readonly next_cursor: string | null;
}

/** The user whom the token belongs to. */
export type Me = User & { readonly role: 'member' | 'admin' | 'service' };

/** A seal of the log. Hashes are base64. */
export interface Batch {
	readonly first_position: number;
	readonly last_position: number;
	readonly tree_size: number;
	readonly root: string;
	/** Of the seal's own event. */
	readonly position: number;
	readonly sealed_at: string;
}

/** A cumulative histogram: `count` of each bucket is of values up to `le` seconds. */
export interface Histogram {
	readonly count: number;
	readonly sum: number;
	readonly buckets: readonly { readonly le: number; readonly count: number }[];
}

/** What GET /api/stats says of one server. Counters begin with its process. */
export interface Stats {
	readonly timestamp: string;
	readonly head: number;
	readonly sealed: number;
	readonly connections: number;
	readonly messages_sent: number;
	readonly messages_blocked: number;
	readonly events_appended: number;
	readonly frames_sent: number;
	readonly commit_seconds: Histogram;
	readonly delivery_seconds: Histogram;
	readonly http_seconds: Histogram;
	readonly projections: readonly {
		readonly projection: string;
		readonly position: number;
		readonly lag_events: number;
		readonly lag_seconds: number;
		readonly stopped: string | null;
	}[];
}

/** A page of frames in order of position. */
export interface Frames {
	readonly items: readonly ServerFrame[];
	/** Where to go on. */
	readonly position: number;
	readonly more: boolean;
}

/** What came back, and up to where in the log it shows everything. */
export interface Answer<T> {
	readonly value: T;
	readonly position: number;
}

/** Which part of a history is asked for; without bounds the newest page. */
export interface HistoryRange {
	readonly before?: number;
	readonly after?: number;
	readonly limit?: number;
}

/**
 * The calls of the HTTP API that a front end needs. Every call rejects with Trouble. Reads take the position that they must show (`atLeast`) where
 * somebody reads what he just wrote. What makes something (a conversation, a project, a task, an announcement) makes it once, if it is asked for
 * again with the same words after it was rejected.
 */
export interface Api {
	me(): Promise<Me>;
	user(id: string): Promise<User>;
	/** findUsers searches by a part of the name, 3 characters or more, or by the whole wallet address. */
	findUsers(query: string): Promise<Page<User>>;

	conversations(cursor?: string | null, atLeast?: number): Promise<Answer<Page<Conversation>>>;
	conversation(id: string, atLeast?: number): Promise<Answer<Conversation>>;
	startConversation(participantIds: readonly string[], title: string | null): Promise<Conversation>;
	addParticipant(conversationId: string, userId: string): Promise<void>;
	removeParticipant(conversationId: string, userId: string): Promise<void>;
	history(conversationId: string, range: HistoryRange, atLeast?: number): Promise<Page<PastMessage | Change>>;
	/** frames is everything that happened in a conversation, one frame for each receipt. */
	frames(conversationId: string, since: number): Promise<Frames>;
	sync(since: number): Promise<Frames>;

	message(id: string): Promise<OneMessage>;
	proof(messageId: string): Promise<MessageProof>;
	erase(messageId: string, reason: 'sender' | 'moderation' | 'legal' | 'privacy'): Promise<void>;

	blocks(cursor?: string | null): Promise<Page<User>>;
	block(userId: string): Promise<void>;
	unblock(userId: string): Promise<void>;

	notifications(cursor?: string | null, atLeast?: number): Promise<Answer<Page<Notification>>>;
	readNotification(id: string): Promise<void>;

	projects(cursor?: string | null, atLeast?: number): Promise<Page<Project>>;
	/** project rejects with `not_found` for none. */
	project(id: string): Promise<Project>;
	createProject(title: string): Promise<Project>;
	/** tasks gives those that the user sees, the newest first: of a project, or of all with null. */
	tasks(projectId: string | null, cursor?: string | null, atLeast?: number): Promise<Answer<Page<Task>>>;
	task(id: string): Promise<Task>;
	createTask(projectId: string, freelancerId: string, title: string): Promise<Task>;
	/** changeTaskStatus gives the task as this change leaves it. Rejects with `conflict` where the status cannot follow the task's. */
	changeTaskStatus(id: string, status: Task['status']): Promise<Answer<Task>>;

	announce(title: string, message: string): Promise<void>;
	blockedMessages(cursor?: string | null): Promise<Page<BlockedMessage>>;
	releaseMessage(id: string): Promise<SentMessage>;
	stats(): Promise<Stats>;
	readiness(): Promise<Readiness>;

	sessions(): Promise<Page<OpenSession>>;
	endSession(id: string): Promise<void>;

	checkpoint(): Promise<string>;
	logKeys(): Promise<string>;
	/** keyAnnouncements are the signed notes by which each key of the log announced the next, the oldest first. */
	keyAnnouncements(): Promise<readonly string[]>;
	consistency(from: number, to: number): Promise<ConsistencyProof>;
	/** batches gives `limit` seals, 50 without it, and never more than 200. */
	batches(cursor?: string | null, limit?: number): Promise<Page<Batch>>;
}
