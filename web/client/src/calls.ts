// The calls of the HTTP API, each with its method and path.

import type { Api } from './api';
import { createHTTP, type Call, type HTTPOptions } from './http';
import { newKey } from './keys';

const mostUnmade = 100;

/** createApi makes the calls to one server. */
export function createApi(options: HTTPOptions): Api {
	const http = createHTTP(options);
	const value = async <T>(call: Call): Promise<T> => (await http.json<T>(call)).value;
	const post = <T>(path: string, body: object): Promise<T> => value<T>({ method: 'POST', path, body });

	const unmade = new Map<string, string>(); // the keys of requests that failed, by path and body: the server may have done what they ask
	async function make<T>(path: string, body: object): Promise<T> {
		const what = path + JSON.stringify(body);
		const key = unmade.get(what) ?? newKey();
		unmade.delete(what);
		try {
			return await value<T>({ method: 'POST', path, body, key });
		} catch (error) {
			if (unmade.size >= mostUnmade) unmade.clear();
			unmade.set(what, key);
			throw error;
		}
	}

	let changed = 0; // the position of the last change to one of the lists that no frame tells of: their readers are to see it
	async function change<T>(call: Call): Promise<T> {
		const { value: answered, position } = await http.json<T>(call);
		changed = Math.max(changed, position);
		return answered;
	}

	return {
		me: () => value({ path: '/api/me' }),
		user: (id) => value({ path: `/api/users/${encodeURIComponent(id)}` }),
		findUsers: (query) => value({ path: '/api/users', query: { query } }),

		conversations: (cursor, atLeast) => http.json({ path: '/api/conversations', query: { cursor }, atLeast }),
		conversation: (id, atLeast) => http.json({ path: conversation(id), atLeast }),
		startConversation: (ids, title) => make('/api/conversations', { participant_ids: ids, ...(title !== null && { title }) }),
		addParticipant: (id, userId) => post(`${conversation(id)}/participants`, { user_id: userId }),
		removeParticipant: (id, userId) =>
			value({ method: 'DELETE', path: `${conversation(id)}/participants/${encodeURIComponent(userId)}` }),
		history: (id, { before, after, limit }, atLeast) => value({ path: `${conversation(id)}/messages`, query: { before, after, limit }, atLeast }),
		frames: (id, since) => value({ path: `${conversation(id)}/frames`, query: { since } }),
		sync: (since) => value({ path: '/api/sync', query: { since } }),

		message: (id) => value({ path: message(id) }),
		proof: (id) => value({ path: `${message(id)}/proof` }),
		erase: (id, reason) => value({ method: 'DELETE', path: `${message(id)}/content`, body: { reason } }),

		blocks: (cursor) => value({ path: '/api/blocks', query: { cursor }, atLeast: changed }),
		block: (userId) => change({ method: 'POST', path: '/api/blocks', body: { user_id: userId } }),
		unblock: (userId) => change({ method: 'DELETE', path: `/api/blocks/${encodeURIComponent(userId)}` }),

		notifications: (cursor, atLeast) => http.json({ path: '/api/notifications', query: { cursor, limit: 200 }, atLeast }), // what is not read is counted in pages
		readNotification: (id) => post(`/api/notifications/${encodeURIComponent(id)}/read`, {}),

		projects: (cursor, atLeast) => value({ path: '/api/projects', query: { cursor }, atLeast }),
		project: (id) => value({ path: `/api/projects/${encodeURIComponent(id)}` }),
		createProject: (title) => make('/api/projects', { title }),
		tasks: (projectId, cursor, atLeast) => http.json({ path: '/api/tasks', query: { cursor, project_id: projectId }, atLeast }),
		task: (id) => value({ path: `/api/tasks/${encodeURIComponent(id)}` }),
		createTask: (projectId, freelancerId, title) =>
			make('/api/tasks', { project_id: projectId, freelancer_id: freelancerId, title }),
		changeTaskStatus: (id, status) => http.json({ method: 'PATCH', path: `/api/tasks/${encodeURIComponent(id)}/status`, body: { status } }),

		announce: (title, text) => make('/api/announcements', { title, message: text }),
		blockedMessages: (cursor) => value({ path: '/api/guard/blocked', query: { cursor }, atLeast: changed }),
		releaseMessage: (id) => change({ method: 'POST', path: `/api/guard/blocked/${encodeURIComponent(id)}/release`, body: {} }),
		stats: () => value({ path: '/api/stats' }),
		readiness: () => value({ path: '/readyz', isPublic: true, accepts: 503 }), // unready is an answer too

		sessions: () => value({ path: '/api/sessions', atLeast: changed }),
		endSession: (id) => change({ method: 'DELETE', path: `/api/sessions/${encodeURIComponent(id)}` }),

		checkpoint: () => http.text({ path: '/checkpoint', isPublic: true }),
		logKeys: () => http.text({ path: '/api/log-key', isPublic: true }),
		async keyAnnouncements() {
			const { items } = await value<{ items: readonly { announcement: string }[] }>({ path: '/api/log-key/announcements', isPublic: true });
			return items.map(({ announcement }) => announcement);
		},
		consistency: (from, to) => value({ path: '/api/log/proof/consistency', query: { from, to }, isPublic: true }),
		batches: (cursor, limit) => value({ path: '/api/log/batches', query: { cursor, limit }, isPublic: true }),
	};
}

function conversation(id: string): string {
	return `/api/conversations/${encodeURIComponent(id)}`;
}

function message(id: string): string {
	return `/api/messages/${encodeURIComponent(id)}`;
}
