// Requests to the HTTP API: the token, the time limit, and what went wrong in one shape.

import { Trouble } from './errors';
import type { Answer } from './api';
import type { Problem } from './generated/answers';
import type { Tokens } from './tokens';

/** What requests are made with. */
export interface HTTPOptions {
	readonly url: string;
	readonly tokens: Tokens;
	readonly fetch: typeof fetch;
	/** signal returns the one that aborts what is under way when the client stops. */
	signal(): AbortSignal;
}

/** One request. */
export interface Call {
	readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
	readonly path: string;
	/** What is null or undefined is left out. */
	readonly query?: Readonly<Record<string, string | number | null | undefined>>;
	readonly body?: object;
	/** Makes a repeat harmless. */
	readonly key?: string;
	/** The position that the answer must show. */
	readonly atLeast?: number | undefined;
	/** Sent without a token: anybody may ask. */
	readonly isPublic?: boolean;
	/** What else than 2xx is an answer. */
	readonly accepts?: number;
}

/** HTTP makes requests. Both methods reject with Trouble, or with what Options.token threw. */
export interface HTTP {
	json<T>(call: Call): Promise<Answer<T>>;
	text(call: Call): Promise<string>;
}

const patience = 15_000;

/** createHTTP makes requests to one server. */
export function createHTTP(options: HTTPOptions): HTTP {
	/** request sends, and where the token has expired on the way once more with another. */
	async function request(call: Call): Promise<Reply> {
		const stop = options.signal();
		if (call.isPublic) return checked(await exchange(options, stop, call, null), call);
		const token = await options.tokens.get('request');
		const reply = await exchange(options, stop, call, token);
		if (reply.status !== 401 || problemOf(reply)?.detail !== 'token expired') return checked(reply, call);
		return checked(await exchange(options, stop, call, await options.tokens.renew(token)), call);
	}
	return {
		async json<T>(call: Call) {
			const reply = await request(call);
			return { value: parse<T>(reply), position: Number(reply.headers.get('Chainmail-Position') ?? 0) };
		},
		async text(call) {
			return (await request(call)).body;
		},
	};
}

interface Reply {
	readonly status: number;
	readonly headers: Headers;
	readonly body: string;
}

/** exchange sends one request and reads all of the answer, within 15 s. */
async function exchange(options: HTTPOptions, stop: AbortSignal, call: Call, token: string | null): Promise<Reply> {
	const abort = new AbortController();
	const give = () => abort.abort();
	const timer = setTimeout(give, patience);
	stop.addEventListener('abort', give);
	if (stop.aborted) give(); // while the token was asked for
	try {
		const answer = await options.fetch(address(options.url, call), {
			method: call.method ?? 'GET',
			headers: headersOf(call, token),
			signal: abort.signal,
			...(call.body && { body: JSON.stringify(call.body) }),
		});
		return { status: answer.status, headers: answer.headers, body: await answer.text() };
	} catch {
		throw new Trouble({
			code: 'unreachable', message: stop.aborted ? 'The client was stopped.' : 'The server could not be reached. Try again.',
			field: null, retryAfter: null, status: null,
		});
	} finally {
		clearTimeout(timer);
		stop.removeEventListener('abort', give);
	}
}

function address(url: string, { path, query }: Call): string {
	const to = new URL(path, url);
	for (const [name, value] of Object.entries(query ?? {})) {
		if (value !== null && value !== undefined) to.searchParams.set(name, String(value));
	}
	return to.href;
}

function headersOf(call: Call, token: string | null): Record<string, string> {
	return {
		...(token !== null && { Authorization: `Bearer ${token}` }),
		...(call.body && { 'Content-Type': 'application/json' }),
		...(call.key !== undefined && { 'Idempotency-Key': call.key }),
		...(call.atLeast !== undefined && { 'Chainmail-Min-Position': String(call.atLeast) }),
	};
}

/** checked returns a reply that is an answer, and throws one that is a refusal. */
function checked(reply: Reply, { accepts }: Call): Reply {
	if ((reply.status >= 200 && reply.status < 300) || reply.status === accepts) return reply;
	const problem = problemOf(reply);
	const wait = problem?.retry_after ?? Number(reply.headers.get('Retry-After') ?? NaN);
	throw new Trouble({
		code: problem?.code ?? 'unexpected',
		message: problem?.detail ?? `The server answered ${reply.status}.`,
		field: problem?.field ?? null,
		retryAfter: Number.isFinite(wait) ? wait : null,
		status: reply.status,
	});
}

/** problemOf reads problem details (RFC 9457); null if the answer has none. */
function problemOf({ headers, body }: Reply): Problem | null {
	if (!headers.get('Content-Type')?.startsWith('application/problem+json')) return null;
	try {
		const problem: Problem | null = JSON.parse(body);
		return typeof problem?.code === 'string' ? problem : null;
	} catch {
		return null;
	}
}

function parse<T>(reply: Reply): T {
	try {
		const value: T = reply.body === '' ? undefined : JSON.parse(reply.body); // 204 has nothing to say
		return value;
	} catch {
		throw new Trouble({
			code: 'unexpected', message: 'The server answered with what is no JSON.', field: null, retryAfter: null, status: reply.status,
		});
	}
}
