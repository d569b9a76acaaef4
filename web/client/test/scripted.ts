// A server that says what a test tells it to.

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientFrame, ServerFrame } from '@chainmail/client';

/** What the server answers to a request. */
export interface Reply {
	readonly status?: number;
	readonly headers?: Record<string, string>;
	readonly body?: unknown;
}

/** A request that came. */
export interface Request {
	readonly method: string;
	readonly path: string;
	readonly url: URL;
	readonly headers: IncomingMessage['headers'];
	readonly body: string;
}

/** The server's side of one connection. */
export interface Session {
	/** The query that the client connected with. */
	readonly query: URLSearchParams;
	/** The token in the subprotocol. */
	readonly token: string | undefined;
	/** next resolves with the next frame of the client. */
	next(): Promise<ClientFrame>;
	/** What has come and was not taken by `next`. */
	readonly waiting: readonly ClientFrame[];
	send(...frames: readonly ServerFrame[]): void;
	/** welcome sends `authenticated`. */
	welcome(fields?: Partial<Extract<ServerFrame, { type: 'authenticated' }>>): void;
	/** live sends `authenticated` and `synced`. */
	live(position?: number, fields?: Partial<Extract<ServerFrame, { type: 'authenticated' }>>): void;
	close(code?: number, reason?: string): void;
	/** cut ends the connection without a word. */
	cut(): void;
	/** deafen reads nothing more, and so answers nothing. */
	deafen(): void;
	/** Resolves with the code once the connection is closed. */
	readonly closed: Promise<number>;
}

/** A server of a test's own. */
export interface Scripted {
	readonly url: string;
	/** session resolves with the next connection that no one has taken yet. */
	session(): Promise<Session>;
	/** How many connections there were. */
	connections(): number;
	/** How many of them are open. */
	open(): number;
	/** Requests so far. */
	readonly requests: readonly Request[];
	/** answer sets what is answered to a method and path; by default lists are empty and all else is not found. */
	answer(call: string, reply: (request: Request) => Reply | Promise<Reply>): void;
	stop(): Promise<void>;
}

export const me = '00000000-0000-7000-8000-00000000000a';
export const other = '00000000-0000-7000-8000-00000000000b';
export const log = '00000000-0000-7000-8000-0000000000ff';
export const timestamp = '2026-01-02T03:04:05.000006Z';

/** queue hands what comes to who waits for it, in order. */
function queue<T>(): { push(item: T): void; take(): Promise<T>; readonly items: readonly T[] } {
	const items: T[] = [];
	const takers: ((item: T) => void)[] = [];
	return {
		items,
		push(item) {
			const taker = takers.shift();
			if (taker) taker(item);
			else items.push(item);
		},
		take() {
			const item = items.shift();
			return item === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(item);
		},
	};
}

/** sessionOf is the server's side of a socket. */
function sessionOf(ws: WebSocket, request: IncomingMessage): Session {
	const frames = queue<ClientFrame>();
	ws.on('message', (data) => frames.push(JSON.parse(String(data))));
	const closed = once(ws, 'close').then(([code]: number[]) => code ?? 0);
	const send: Session['send'] = (...all) => all.forEach((frame) => ws.send(JSON.stringify(frame)));
	const welcome: Session['welcome'] = (fields) => send({
		type: 'authenticated', user_id: me, log_id: log, position: 100, expires_at: timestamp, heartbeat_seconds: 30, timestamp, ...fields,
	});
	return {
		query: new URL(request.url ?? '', 'http://localhost').searchParams,
		token: request.headers['sec-websocket-protocol']?.match(/bearer\.([^,]*)/)?.[1],
		next: frames.take,
		waiting: frames.items,
		send,
		welcome,
		live(position = 100, fields = {}) {
			welcome(fields);
			send({ type: 'synced', position });
		},
		close: (code, reason) => ws.close(code, reason),
		cut: () => ws.terminate(),
		deafen: () => ws.pause(),
		closed,
	};
}

/** startScripted starts a server on a port of its own. */
export async function startScripted(): Promise<Scripted> {
	const answers = new Map<string, (request: Request) => Reply | Promise<Reply>>();
	const empty = () => ({ headers: { 'Chainmail-Position': '100' }, body: { items: [], next_cursor: null } });
	answers.set('GET /api/conversations', empty);
	answers.set('GET /api/notifications', empty);
	const requests: Request[] = [];
	const sessions = queue<Session>();
	let connections = 0;

	const http = createServer(async (incoming, outgoing) => {
		const url = new URL(incoming.url ?? '', 'http://localhost');
		let body = '';
		for await (const chunk of incoming) body += String(chunk);
		const request = { method: incoming.method ?? '', path: url.pathname, url, headers: incoming.headers, body };
		requests.push(request);
		const reply = await (answers.get(`${request.method} ${request.path}`)?.(request) ?? notFound);
		outgoing.writeHead(reply.status ?? 200, { 'Content-Type': 'application/json', ...reply.headers });
		outgoing.end(typeof reply.body === 'string' || reply.body === undefined ? reply.body : JSON.stringify(reply.body));
	});
	const sockets = new WebSocketServer({ server: http, handleProtocols: () => 'chainmail.v1' });
	sockets.on('connection', (ws, request) => {
		connections += 1;
		sessions.push(sessionOf(ws, request));
	});
	http.listen(0, '127.0.0.1');
	await once(http, 'listening');
	const address = http.address();
	const port = typeof address === 'object' ? address?.port : 0;

	return {
		url: `http://127.0.0.1:${port}`,
		session: sessions.take,
		connections: () => connections,
		open: () => sockets.clients.size,
		requests,
		answer: (call, reply) => void answers.set(call, reply),
		async stop() {
			for (const ws of sockets.clients) ws.terminate();
			http.closeAllConnections();
			const closed = once(http, 'close');
			http.close();
			await closed;
		},
	};
}

const notFound: Reply = {
	status: 404, headers: { 'Content-Type': 'application/problem+json' },
	body: { type: 'about:blank', title: 'Not Found', status: 404, code: 'not_found', detail: 'There is no such thing.' },
};
