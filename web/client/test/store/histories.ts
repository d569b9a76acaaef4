// Random logs: a few conversations in which people write, receive, read, erase, come and go.

import type { Random } from './random';
import { type Happening, me, users } from './world';

interface Talk {
	readonly id: string;
	readonly direct: boolean;
	seq: number;
	present: string[];
	messages: { readonly id: string; readonly user: string; readonly to: readonly string[]; erased: boolean; readonly delivered: Set<string>; readonly read: Set<string> }[];
}

/** randomLog makes a log of about `length` happenings. */
export function randomLog(random: Random, length: number): Happening[] {
	const log: Happening[] = [];
	const talks: Talk[] = [];
	const notes: string[] = [];
	const position = (): number => log.length + 1;
	const others = users.filter((id) => id !== me);

	function start(): void {
		const direct = random.chance(0.4);
		const peer = random.pick(others);
		if (direct && talks.some((talk) => talk.direct && talk.present.includes(peer))) return;
		const present = direct ? [me, peer] : random.shuffle(users).slice(0, 2 + random.below(3));
		if (!direct && present.length === 2) present.push(...users.filter((id) => !present.includes(id)).slice(0, 1));
		const talk: Talk = { id: `conversation-${talks.length}`, direct, seq: 1, present, messages: [] };
		talks.push(talk);
		log.push({ position: position(), conversation: talk.id, kind: 'started', seq: 1, user: present[0] ?? me, present: [...present], direct });
		if (direct) write(talk);
	}

	function write(talk: Talk): void {
		const user = random.pick(talk.present);
		const id = `message-${position()}`;
		talk.messages.push({ id, user, to: talk.present.filter((other) => other !== user), erased: false, delivered: new Set(), read: new Set() });
		log.push({ position: position(), conversation: talk.id, kind: 'message', seq: ++talk.seq, id, user, present: [...talk.present] });
	}

	function acknowledge(talk: Talk): void {
		const message = random.pick(talk.messages);
		if (message.to.length === 0) return;
		const user = random.pick(message.to);
		const kind = random.chance(0.5) ? 'read' : 'delivered';
		if (message.read.has(user) || (kind === 'delivered' && message.delivered.has(user))) return;
		(kind === 'read' ? message.read : message.delivered).add(user);
		log.push({ position: position(), conversation: talk.id, kind, message: message.id, sender: message.user, user });
	}

	function erase(talk: Talk): void {
		const message = random.pick(talk.messages);
		if (message.erased || !talk.present.includes(me)) return; // what is erased while one is away one is not told
		message.erased = true;
		log.push({ position: position(), conversation: talk.id, kind: 'erased', seq: ++talk.seq, message: message.id, present: [...talk.present] });
	}

	function move(talk: Talk): void {
		if (talk.direct) return;
		const user = random.chance(0.5) ? me : random.pick(users);
		if (!talk.present.includes(user)) {
			talk.present = [...talk.present, user];
			log.push({ position: position(), conversation: talk.id, kind: 'participant_added', seq: ++talk.seq, user, present: [...talk.present] });
		} else if (talk.present.length > 2) {
			talk.present = talk.present.filter((id) => id !== user);
			log.push({ position: position(), conversation: talk.id, kind: 'participant_left', seq: ++talk.seq, user, present: [...talk.present] });
		}
	}

	function notify(): void {
		if (random.chance(0.6) || notes.length === 0) {
			notes.push(`note-${position()}`);
			log.push({ position: position(), conversation: '', kind: 'notified', id: notes.at(-1) ?? '' });
		} else {
			log.push({ position: position(), conversation: '', kind: 'noted', id: notes.splice(random.below(notes.length), 1)[0] ?? '' });
		}
	}

	while (log.length < length) {
		const talk = talks.length > 0 ? random.pick(talks) : undefined;
		const what = random.below(100);
		if (!talk || what < 5) start();
		else if (what < 45) write(talk);
		else if (what < 80 && talk.messages.length > 0) acknowledge(talk);
		else if (what < 86 && talk.messages.length > 0) erase(talk);
		else if (what < 92) move(talk);
		else if (what < 98) notify();
	}
	return log;
}
