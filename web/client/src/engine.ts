// The parts joined: what the link brings goes through gaps and repeats into the store, the outbox and the emitter.

import type { Api } from './api';
import type { Backoff } from './backoff';
import { createEmitter, type Emitter } from './emitter';
import {
	atMostAnHour, type DurableFrame, isDurable, isSequenced, type MessageAnswer, retriable, type SequencedFrame,
} from './frames';
import { createGaps } from './gaps';
import type { ClientFrame, ErrorFrame, PresenceFrame, ServerFrame, SyncedFrame, TypingIndicatorFrame } from './generated/frames';
import { createLink, type Link, type LinkState } from './link';
import { createLoading } from './loading';
import type { Events, Target } from './model';
import { createOpening } from './opening';
import { createOutbox, draftOf, type Outbox } from './outbox';
import { createReceipts, type Receipts } from './receipts';
import { createRepeats } from './repeats';
import type { Place, SocketConstructor } from './socket';
import type { OutboxStorage } from './storage';
import { createStore, type Store } from './store/store';
import type { Surroundings } from './surroundings';
import type { Tokens } from './tokens';
import { createWatches, type Watches } from './watches';

/** What an engine is made with. */
export interface EngineOptions {
	readonly url: string;
	readonly resume: Place | null;
	readonly WebSocket: SocketConstructor;
	readonly tokens: Tokens;
	readonly api: Api;
	readonly storage: OutboxStorage;
	readonly surroundings: Surroundings;
	readonly backoff: () => Backoff;
	/** Whether the store keeps what is passed in. */
	readonly remember: boolean;
	/** changed is called after anything that can be read has changed. */
	changed(): void;
	/** draftsChanged is called after what the outbox holds has. */
	draftsChanged(): void;
	/** linkChanged is called after the link's state has. */
	linkChanged(state: LinkState): void;
}

/** The parts that a client's face uses. */
export interface Engine {
	readonly link: Link;
	readonly outbox: Outbox;
	readonly receipts: Receipts;
	readonly watches: Watches;
	readonly emitter: Emitter<Events>;
	store(): Store;
	userId(): string | null;
	/** ready resolves when the outbox is loaded; rejects with Trouble when the client is stopped before. */
	ready(): Promise<void>;
	start(): void;
	/** stop resolves when nothing runs any more. */
	stop(): Promise<void>;
}

const shortPause = 5; // seconds, where the server names none

/** createEngine makes an engine that is stopped. */
export function createEngine(options: EngineOptions): Engine {
	const { storage, backoff } = options;
	const emitter = createEmitter<Events>();
	const repeats = createRepeats();
	const loading = createLoading(backoff());
	const send = (frame: ClientFrame): boolean => link.send(frame);
	const receipts = createReceipts({ storage, send });
	const watches = createWatches(send);
	const outbox = createOutbox({ storage, backoff: backoff(), send, lane, changed: draftsChanged });
	const gaps = createGaps({
		sync: (since, ref) => send({ type: 'sync', since, ref }),
		onTheWay: (conversationId) => outbox.onTheWay(lane({ conversationId })),
		overflow: () => link.drop('too much was missing'),
	});
	const link = createLink({ ...options, behind: gaps.behind, changed: linkChanged, stale: forget, frame: receive, lost });
	let store = createStore(options);
	let draftsTold = true;
	let me: string | null = null;
	let continuous = false; // whether a gap in what is pushed means that something was lost
	const opening = createOpening(storage, outbox, receipts);

	function lane(target: Target): string {
		if ('userId' in target) return target.userId;
		return store.peerOf(target.conversationId) ?? target.conversationId;
	}
	function draftsChanged(): void {
		draftsTold = false;
		options.draftsChanged();
	}
	/** current returns the store as it is to be seen: what a thousand sends at once change in the outbox it is told once. */
	function current(): Store {
		if (!draftsTold) {
			draftsTold = true;
			store.setDrafts(outbox.messages());
		}
		return store;
	}
	function linkChanged(state: LinkState): void {
		options.linkChanged(state);
		if (state.phase !== 'live') return;
		watches.connected();
		receipts.connected();
		outbox.connected();
		gaps.live();
	}
	function lost(): void {
		loading.stop();
		gaps.lost();
		outbox.disconnected();
		receipts.disconnected();
		watches.disconnected();
		store.disconnected();
	}
	/** forget begins anew with what is known of the log. The outbox is not the log's, and stays. */
	function forget(): void {
		loading.reset();
		gaps.reset();
		repeats.reset();
		continuous = false;
		store = createStore(options);
		if (me !== null) store.begin(me);
		draftsChanged();
	}

	function receive(frame: ServerFrame): void {
		if (isSequenced(frame) && continuous) sequenced(frame);
		else if (isDurable(frame)) pass(frame);
		else if (frame.type === 'authenticated') begin(frame.user_id);
		else if (frame.type === 'message_sent' || frame.type === 'warning' || frame.type === 'error') answered(frame);
		else if (frame.type === 'synced') synced(frame);
		else if (frame.type === 'heartbeat') {
			receipts.heartbeat();
			emitter.emit('heartbeat', frame);
		} else if (frame.type === 'presence' || frame.type === 'typing_indicator') {
			if (store.apply(frame)) emitFrame(emitter, frame);
		}
	}
	function sequenced(frame: SequencedFrame): void {
		if (link.state().phase === 'live') return gaps.take(frame).forEach(pass);
		gaps.follow(frame);
		pass(frame);
	}
	function begin(userId: string): void {
		if (me !== userId) {
			const another = me !== null;
			me = userId;
			if (another) forget();
			else store.begin(userId);
		}
		opening.begin(userId);
	}
	function synced(frame: SyncedFrame): void {
		if (frame.ref !== undefined) return gaps.synced(frame.ref).forEach(pass);
		continuous = true;
		loading.begin(() => store.load(frame.position));
		emitter.emit('synced', frame);
	}
	/** pass takes in a frame whose turn it is. */
	function pass(frame: DurableFrame): void {
		store.apply(frame);
		if (frame.type === 'chat_message') {
			if (frame.sender_id !== me) receipts.tell('delivered', [frame.message_id]);
			else if (outbox.messages().some(({ key }) => key === frame.client_message_id)) return; // its message_sent is still to come
		}
		if (repeats.isFirst(frame)) emitFrame(emitter, frame);
	}
	function answered(frame: MessageAnswer): void {
		const outcome = outbox.answer(frame);
		if (frame.type === 'error') {
			if (outcome) emitter.emit('refused', draftOf(outcome.message));
			else if (retriable.has(frame.code)) refusedForNow(frame);
			else gaps.synced(frame.ref).forEach(pass); // there will be no better answer
		} else if (outcome && frame.type === 'warning') emitter.emit('warning', frame);
		else if (outcome && frame.type === 'message_sent') {
			current().accepted(outcome.message, frame);
			if (repeats.isFirst({ ...frame, type: 'chat_message' })) emitter.emit('message_sent', frame);
		}
		if (frame.client_message_id) gaps.answered(frame.client_message_id, frame.type === 'message_sent' ? frame : null).forEach(pass);
	}
	function refusedForNow(frame: ErrorFrame): void {
		const wait = atMostAnHour(frame.retry_after || shortPause);
		gaps.refused(frame.ref, wait);
		receipts.refused(frame.ref, wait);
		watches.refused(frame.ref, wait);
	}
	return {
		link, outbox, receipts, watches, emitter,
		store: current,
		userId: () => me,
		ready: opening.ready,
		start() {
			opening.start();
			link.start();
		},
		async stop() {
			await Promise.all([link.stop(), opening.stop()]); // both begin now: `start` may be called at once
		},
	};
}

/** A frame that is told as it came. */
type ToldFrame = DurableFrame | PresenceFrame | TypingIndicatorFrame;

/** emitFrame tells of a frame by its type, which is the event's name. */
function emitFrame(emitter: Emitter<{ [Name in ToldFrame['type']]: ToldFrame }>, frame: ToldFrame): void {
	emitter.emit(frame.type, frame);
}
