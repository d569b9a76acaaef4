// Who is who, and who is online.

import type { Api } from '../api';
import type { User } from '../generated/answers';
import type { PresenceFrame } from '../generated/frames';
import type { Person } from '../model';

/** How long a user who could not be loaded is not asked for again, in milliseconds. */
const quiet = 30_000;
/** The most users that are loaded at once; who is asked for meanwhile is loaded when he is asked for again. */
const mostAtOnce = 8;
/** The most failures that are remembered; the oldest is forgotten first. */
const mostFailures = 1_000;

/** The users that are known. */
export interface People {
	/** person returns what is known of a user. One who is unknown is loaded; nothing is told of failures, he stays unknown. */
	person(id: string): Person | undefined;
	/** learn takes users of an answer. It reports whether anything of them was news. */
	learn(users: readonly User[]): boolean;
	/** presence takes a frame, which stands against all answers until the connection ends. It reports whether it was news. */
	presence(frame: PresenceFrame): boolean;
	/** disconnected forgets who is online. */
	disconnected(): void;
}

type Presence = Pick<Person, 'online' | 'lastSeen'>;

/** createPeople returns nobody; `changed` is called when somebody was loaded, or can be now. */
export function createPeople(api: Api, changed: () => void): People {
	const known = new Map<string, Person>();
	const presences = new Map<string, Presence>(); // told by frames of this connection, also of those who are not known yet
	const loading = new Set<string>();
	let turnedAway = false; // whether somebody was asked for while too many were loading: he is to be asked for again
	const failed = new Map<string, number>(); // when, by a clock that nobody sets

	function put(id: string, next: Person): boolean {
		const person = known.get(id);
		if (person && person.name === next.name && person.walletAddress === next.walletAddress
			&& person.online === next.online && person.lastSeen === next.lastSeen) return false;
		known.set(id, next);
		return true;
	}

	function learn(users: readonly User[]): boolean {
		const news = users.map(({ id, name, wallet_address: walletAddress, online, last_seen: lastSeen }) =>
			put(id, { id, name, walletAddress, online, lastSeen, ...presences.get(id) }));
		return news.includes(true);
	}

	async function load(id: string): Promise<void> {
		loading.add(id);
		try {
			if (learn([await api.user(id)])) changed();
		} catch {
			failed.set(id, performance.now());
			for (const oldest of failed.keys()) {
				if (failed.size <= mostFailures) break;
				failed.delete(oldest);
			}
		} finally {
			loading.delete(id);
			if (turnedAway) changed();
			turnedAway = false;
		}
	}

	return {
		person(id) {
			const person = known.get(id);
			const rests = performance.now() - (failed.get(id) ?? -quiet) < quiet;
			if (person || rests || loading.has(id)) return person;
			if (loading.size < mostAtOnce) void load(id);
			else turnedAway = true;
			return undefined;
		},
		learn,
		presence({ user_id: id, online, last_seen: lastSeen }) {
			const before = presences.get(id);
			presences.set(id, { online, lastSeen });
			const person = known.get(id);
			if (person) return put(id, { ...person, online, lastSeen });
			return before?.online !== online;
		},
		disconnected() {
			presences.clear();
			for (const person of known.values()) put(person.id, { ...person, online: false });
		},
	};
}
