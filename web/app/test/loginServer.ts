// The server's four calls of a login, as docs/http.md has them, for one user: a refresh token is good once.

import { vi } from 'vitest';

/** A server in the place of fetch. */
export interface LoginServer {
	/** Bodies of the refreshes that came, in order. */
	readonly refreshes: readonly string[];
	readonly logouts: readonly string[];
	/** What the next refreshes meet: `lost` does it and gives no answer. */
	readonly faults: ('lost' | 'busy')[];
	/** first begins a session. */
	first(): { access_token: string; refresh_token: string; expires_in: number };
}

/** startLoginServer replaces fetch until the test's globals are restored. */
export function startLoginServer({ graceful = true } = {}): LoginServer {
	let count = 0;
	let previous = '';
	let valid = '';
	const refreshes: string[] = [];
	const logouts: string[] = [];
	const faults: ('lost' | 'busy')[] = [];
	const tokens = () => {
		count++;
		previous = valid;
		valid = `refresh-${count}`;
		return {
			access_token: `access-${count}`, refresh_token: valid, token_type: 'Bearer', expires_in: 900,
			user: { id: 'alice', name: 'Alice', online: true, last_seen: null, wallet_address: null },
		};
	};
	const answer = (status: number, body?: unknown): Response => new Response(body === undefined ? null : JSON.stringify(body), { status });
	const refuse = (status: number, detail: string): Response => answer(status, { code: 'unauthenticated', detail, status });
	vi.stubGlobal('fetch', async (path: string, { body }: { body: string }) => {
		await Promise.resolve();
		const token = (JSON.parse(body) as { refresh_token: string }).refresh_token;
		if (path === '/api/auth/logout') {
			logouts.push(token);
			valid = '';
			return answer(204);
		}
		refreshes.push(token);
		const fault = faults.shift();
		if (fault === 'busy') return answer(503, { code: 'unavailable', detail: 'busy', status: 503 });
		if (valid === '') return refuse(401, 'session ended');
		if (token !== valid && !(graceful && token === previous)) {
			valid = '';
			return refuse(401, 'refresh token reused');
		}
		const made = tokens();
		if (fault === 'lost') throw new TypeError('Failed to fetch');
		return answer(200, made);
	});
	return { refreshes, logouts, faults, first: tokens };
}
