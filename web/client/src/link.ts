// The connection that comes back: phases, attempts, and where each one goes on.

import type { Backoff } from './backoff';
import { describeEnding, type Ending, isTerminal, isTokenExpired } from './closing';
import { type DurableFrame, isDurable } from './frames';
import type { AuthenticatedFrame, ClientFrame, HeartbeatFrame, ServerFrame, SyncedFrame } from './generated/frames';
import type { Connection } from './model';
import { createRenewal } from './renewal';
import { openSocket, type Place, type Socket, type SocketConstructor } from './socket';
import { onHope, type Surroundings } from './surroundings';
import { SignedOut, type Tokens } from './tokens';

/** The state of the connection, but for the outbox. */
export type LinkState = Omit<Connection, 'unsent'>;

/** What a link is made with, and whom it tells. */
export interface LinkOptions {
	readonly url: string;
	readonly WebSocket: SocketConstructor;
	readonly tokens: Tokens;
	readonly resume: Place | null;
	readonly surroundings: Surroundings;
	readonly backoff: () => Backoff;
	/** behind returns the position that holds `since` back while something before a later one is still missing; else null. */
	behind(): number | null;
	/** changed is called after the state has. */
	changed(state: LinkState): void;
	/** stale says, before the connection's first durable frame, that it is no continuation: what is known is of another log, or of one that has lost its end. */
	stale(): void;
	/** frame gets every frame. */
	frame(frame: ServerFrame): void;
	/** lost is called after each end of a connection, or of an attempt at one. */
	lost(): void;
}

/** A connection that comes back. */
export interface Link {
	start(): void;
	/** stop resolves when every socket is gone. No callback is called after it was called. */
	stop(): Promise<void>;
	/** reconnect makes the next attempt now, if there is no connection. */
	reconnect(): void;
	/** drop ends the connection here, and makes the next one where it is sure that nothing is missing. */
	drop(reason: string): void;
	/** send reports whether the frame left. None leaves unless the phase is `live`. */
	send(frame: ClientFrame): boolean;
	state(): LinkState;
	/** place is where the next connection goes on from; null before the first `synced`. */
	place(): Place | null;
}

const stopped: LinkState = { phase: 'stopped', reason: null, retryAt: null };

/** createLink makes a link that is stopped. */
export function createLink(options: LinkOptions): Link {
	const { tokens } = options;
	const backoff = options.backoff();
	const renewal = createRenewal(tokens, options.backoff(), showToken, end);
	let state = stopped;
	let socket: Socket | null = null;
	let waiting: ReturnType<typeof setTimeout> | undefined;
	let forget: (() => void) | null = null; // ends what the surroundings tell; null while stopped
	let gone = Promise.resolve(); // the sockets that are being closed
	let current = 0; // the attempt under way: what an earlier one brings is dropped
	let token = '';
	let expired = false;
	let logId = options.resume?.logId ?? null;
	let position = options.resume?.since ?? null; // everything up to it has come; null before the first `synced`

	function set(phase: LinkState['phase'], reason: string | null = null, retryAt: number | null = null): void {
		state = { phase, reason, retryAt };
		options.changed(state);
	}
	function place(): Place | null {
		if (position === null || logId === null) return null;
		return { since: Math.min(position, options.behind() ?? position), logId };
	}

	async function connect(): Promise<void> {
		clearTimeout(waiting);
		const mine = (current += 1);
		try {
			const given = await (expired ? tokens.renew(token) : tokens.get('connect'));
			if (mine !== current) return;
			token = given;
			expired = false;
		} catch (error) {
			if (mine !== current) return;
			if (error instanceof SignedOut) end(error.message);
			else retry('there is no token to connect with');
			return;
		}
		try {
			socket = openSocket({ ...options, token, place: place(), frame: receive, ended: lose });
		} catch {
			end('the address or the token has a form that no socket takes'); // the error itself may quote the token
		}
	}

	function receive(frame: ServerFrame): void {
		const catchingUp = state.phase === 'catching_up';
		if (frame.type === 'authenticated' && !catchingUp && state.phase !== 'live') begin(frame);
		if (frame.type === 'token_expiring') renewal.begin(token);
		if (catchingUp && refusesPlace(frame)) restart();
		options.frame(frame);
		if (socket === null) return; // whom the frame was told has stopped all this
		if (catchingUp && frame.type === 'synced') {
			backoff.reset();
			position = Math.max(position ?? 0, frame.position);
			set('live');
		} else if (position !== null && movesPlace(frame)) position = Math.max(position, frame.position);
	}
	function begin(frame: AuthenticatedFrame): void {
		if (logId !== null && logId !== frame.log_id) restart();
		logId = frame.log_id;
		set('catching_up');
	}
	function restart(): void {
		position = null;
		options.stale();
	}
	function showToken(renewed: string): void {
		token = renewed;
		socket?.send({ type: 'authenticate', token });
	}

	function lose(ending: Ending): void {
		release();
		expired = isTokenExpired(ending);
		if (isTerminal(ending)) end(describeEnding(ending));
		else retry(describeEnding(ending));
	}
	/** release lets go of the connection, and of the attempt that would make one. */
	function release(): void {
		current += 1;
		clearTimeout(waiting);
		renewal.stop();
		const closed = socket?.close();
		gone = gone.then(() => closed);
		socket = null;
		position = place()?.since ?? position; // what is behind is forgotten with the connection
		options.lost();
	}
	function retry(reason: string): void {
		const delay = backoff.next();
		waiting = setTimeout(() => {
			set('offline', reason);
			void connect();
		}, delay);
		set('offline', reason, Date.now() + delay);
	}
	function end(reason: string): void {
		release();
		set('ended', reason);
	}
	/** hurry cuts a wait short, or makes sure of the connection, when the network may have changed. */
	function hurry(): void {
		if (state.retryAt !== null) reconnect();
		else socket?.probe();
	}
	function reconnect(): void {
		if (state.phase === 'ended') set('connecting');
		else if (state.retryAt !== null) set('offline', state.reason);
		else return;
		void connect();
	}

	return {
		start() {
			if (forget) return;
			forget = onHope(options.surroundings, hurry, () => socket?.probe());
			set('connecting');
			void connect();
		},
		async stop() {
			forget?.();
			forget = null;
			release();
			backoff.reset();
			if (state.phase !== 'stopped') set('stopped');
			await gone;
		},
		reconnect,
		drop(reason) {
			release();
			retry(reason);
		},
		send: (frame) => state.phase === 'live' && socket !== null && socket.send(frame),
		state: () => state,
		place,
	};
}

/** refusesPlace says whether the server can't go on from `since`: it goes on as without it. */
function refusesPlace(frame: ServerFrame): boolean {
	return frame.type === 'error' && (frame.field === 'since' || frame.field === 'log_id');
}

/** movesPlace says whether everything up to a frame's position has come. Answers may run ahead of pushes, and never do. */
function movesPlace(frame: ServerFrame): frame is DurableFrame | SyncedFrame | HeartbeatFrame {
	return isDurable(frame) || frame.type === 'synced' || frame.type === 'heartbeat';
}
