// The four calls that need no token: see "Logging in" in docs/http.md.

import { type answers, Trouble } from '@chainmail/client';

/** What a call may be told. */
export interface CallOptions {
	readonly signal?: AbortSignal;
	/** The call outlives the page. */
	readonly keepalive?: boolean;
}

/** askNonce asks for the text that a wallet is to sign. Rejects with Trouble, as all calls here. */
export function askNonce(address: string, options?: CallOptions): Promise<answers.Challenge> {
	return post('nonce', { address }, options);
}

/** logIn begins a session. */
export function logIn(body: answers.LoginBody, options?: CallOptions): Promise<answers.Tokens> {
	return post('login', body, options);
}

/** refresh changes a refresh token for new tokens. */
export function refresh(refreshToken: string, options?: CallOptions): Promise<answers.Tokens> {
	return post('refresh', { refresh_token: refreshToken }, options);
}

/** logOut ends a session. */
export function logOut(refreshToken: string, options?: CallOptions): Promise<void> {
	return post('logout', { refresh_token: refreshToken }, options);
}

async function post<T>(call: string, body: unknown, options: CallOptions = {}): Promise<T> {
	let response: Response;
	try {
		response = await fetch(`/api/auth/${call}`, {
			method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), ...options,
		});
	} catch (error) {
		options.signal?.throwIfAborted();
		throw trouble({ code: 'unreachable', detail: 'The server cannot be reached.' }, null, error);
	}
	if (response.status === 204) return undefined as T;
	const answer: unknown = await response.json().catch(() => null);
	if (response.ok && answer !== null) return answer as T;
	throw trouble((answer ?? {}) as Partial<answers.Problem>, response.status);
}

function trouble(problem: { code?: string; detail?: string; field?: string; retry_after?: number }, status: number | null, cause?: unknown): Trouble {
	const made = new Trouble({
		code: problem.code ?? 'unexpected', message: problem.detail ?? 'The server gave no answer that this page understands.',
		field: problem.field ?? null, retryAfter: problem.retry_after ?? null, status,
	});
	made.cause = cause;
	return made;
}
