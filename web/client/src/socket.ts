// One connection, from the handshake to its end.

import type { Ending } from './closing';
import { parseFrame } from './frames';
import type { ClientFrame, ServerFrame } from './generated/frames';
import { inTime } from './intime';

/** What the client uses of a WebSocket: that of browsers, of Node from 22 on, and of the package ws have it. */
export interface SocketLike {
	readonly readyState: number;
	send(text: string): void;
	close(code?: number): void;
	addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
	addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
	addEventListener(type: 'error', listener: () => void): void;
	/** Where there is one, it ends a connection whose other side says nothing more. */
	terminate?(): void;
}

/** Makes a socket that connects at once. */
export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

/** A place in a log to go on from. */
export interface Place {
	readonly since: number;
	readonly logId: string;
}

/** What a socket is opened with. */
export interface SocketOptions {
	readonly WebSocket: SocketConstructor;
	/** The server's address. */
	readonly url: string;
	readonly token: string;
	/** null asks for what was never acknowledged. */
	readonly place: Place | null;
	/** frame gets each frame that comes. */
	frame(frame: ServerFrame): void;
	/** ended is called once, unless `close` was before. Nothing comes after it. */
	ended(ending: Ending): void;
}

/** An open socket. */
export interface Socket {
	/** send reports whether the frame left. None leaves before `authenticated` has come. */
	send(frame: ClientFrame): boolean;
	/** probe makes sure within 10 s that the other side is there: else the connection has ended, at once where it has been silent for too long already. */
	probe(): void;
	/** close ends the connection, and resolves when it is gone, within 2 s. */
	close(): Promise<void>;
}

const patience = 10_000; // for the handshake, and for the answer to a probe
const heartbeatsMissed = 2.5;
const farewell = 2_000;
const nap = 5_000; // how often the clock is looked at: timers stand still while a machine sleeps or a tab is frozen
const silent = 'the server has fallen silent';
const open = 1; // WebSocket.OPEN, which every implementation numbers so

/**
 * openSocket connects. A server that says nothing for 2.5 heartbeats counts as lost, and one that leaves a message unanswered for some seconds
 * is probed: a network that went away tells nobody, and neither does a sleep of this machine, which is noticed by the clock within 5 s. It
 * throws for an address or a token that no socket takes.
 */
export function openSocket(options: SocketOptions): Socket {
	const ws = new options.WebSocket(address(options), ['chainmail.v1', `bearer.${options.token}`]);
	const gone = new Promise<void>((resolve) => ws.addEventListener('close', () => resolve()));
	let over = false;
	let authenticated = false;
	let limit = patience;
	let silence: ReturnType<typeof setTimeout> | undefined;
	let asked = false; // a message has left since the other side was last heard
	let due = 0; // when silence has lasted too long, in milliseconds since 1970

	function listen(within: number): void {
		due = Date.now() + within;
		wait(within);
	}
	function wait(left: number): void {
		clearTimeout(silence);
		silence = setTimeout(() => {
			if (left <= nap || Date.now() >= due) return giveUp(silent);
			wait(left - nap);
			if (asked) socket.probe();
		}, Math.min(left, nap));
	}
	function end(ending: Ending): void {
		if (over) return;
		over = true;
		clearTimeout(silence);
		options.ended(ending);
	}
	function giveUp(reason: string): void {
		if (ws.terminate) ws.terminate(); // a close handshake with who doesn't answer would take half a minute
		else ws.close();
		end({ code: null, reason });
	}
	function receive(data: unknown): void {
		if (over) return;
		asked = false;
		const frame = parseFrame(data);
		if (frame === null) return giveUp('the server sent what is no frame');
		if (frame.type === 'authenticated') {
			authenticated = true;
			limit = frame.heartbeat_seconds * 1000 * heartbeatsMissed || patience;
		}
		listen(limit);
		try {
			options.frame(frame);
		} catch (error) { // it would be an uncaught one, which ends a program in Node
			giveUp(`the server sent a frame that makes no sense: ${String(error)}`);
		}
	}

	ws.addEventListener('message', ({ data }) => receive(data));
	ws.addEventListener('close', ({ code, reason }) => end({ code, reason }));
	ws.addEventListener('error', () => undefined); // the close that follows says as much; unheard, it would end a program in Node
	listen(patience);

	const socket: Socket = {
		send(frame) {
			if (over || !authenticated || ws.readyState !== open) return false;
			ws.send(JSON.stringify(frame));
			asked ||= frame.type === 'chat_message';
			return true;
		},
		probe() {
			asked = false;
			if (!over && Date.now() >= due) giveUp(silent);
			else if (socket.send({ type: 'ping' })) listen(Math.min(limit, patience, due - Date.now())); // one probe after another grants no more time
		},
		async close() {
			over = true;
			clearTimeout(silence);
			ws.close(1000);
			await inTime(gone, farewell, () => new Error('no farewell')).catch(() => ws.terminate?.());
		},
	};
	return socket;
}

/** address has where to go on from; the token never is in it. */
function address({ url, place }: SocketOptions): string {
	const to = new URL('/ws', url);
	to.protocol = to.protocol.replace('http', 'ws');
	if (place) {
		to.searchParams.set('since', String(place.since));
		to.searchParams.set('log_id', place.logId);
	}
	return to.href;
}
