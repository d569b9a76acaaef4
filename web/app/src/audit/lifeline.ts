// A message's life: what happened to it, in the order of time.

import type { answers, Batch } from '@chainmail/client';
import type { IconName } from '../ui/Icon';

/** Something that happened to a message. */
export interface LifeEvent {
	readonly kind: 'sent' | 'blocked' | 'delivered' | 'read' | 'sealed' | 'erased';
	/** RFC 3339. */
	readonly at: string;
	/** Who did it; empty where the log did it, or nobody is named. */
	readonly userIds: readonly string[];
	/** What is said besides. */
	readonly detail: string | null;
}

/** With more recipients than that, receipts are told in sum. */
export const mostNamed = 8;

/** lifeOf tells a message's life from what the server says of it and from the batch that sealed it, null while there is none. */
export function lifeOf(message: answers.OneMessage, batch: Batch | null): readonly LifeEvent[] {
	const events: LifeEvent[] = [{
		kind: message.was_blocked ? 'blocked' : 'sent', at: message.timestamp, userIds: [message.sender_id],
		detail: `Position ${message.position.toLocaleString('en')} of the log`,
	}];
	events.push(...receiptEvents(message.receipts));
	if (batch !== null) {
		const { first_position: first, last_position: last } = batch;
		events.push({
			kind: 'sealed', at: batch.sealed_at, userIds: [],
			detail: `With ${counted(last - first + 1, 'event')}, positions ${first.toLocaleString('en')} to ${last.toLocaleString('en')}`,
		});
	}
	if (message.erased_at !== null) {
		events.push({ kind: 'erased', at: message.erased_at, userIds: [], detail: 'The words and their salt are gone. Their hash stays.' });
	}
	return events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function receiptEvents(receipts: readonly answers.Receipt[]): readonly LifeEvent[] {
	const delivered = receipts.map(({ user_id: userId, delivered_at: at }) => ({ userId, at }));
	const read = receipts.flatMap(({ user_id: userId, read_at: at }) => at === null ? [] : [{ userId, at }]);
	return [...tell('delivered', delivered), ...tell('read', read)];
}

function tell(kind: 'delivered' | 'read', receipts: readonly { readonly userId: string; readonly at: string }[]): readonly LifeEvent[] {
	if (receipts.length <= mostNamed) return receipts.map(({ userId, at }) => ({ kind, at, userIds: [userId], detail: null }));
	const last = receipts.reduce((a, b) => Date.parse(a.at) > Date.parse(b.at) ? a : b);
	return [{ kind, at: last.at, userIds: [], detail: `By ${receipts.length} people, the last one then` }];
}

/** counted is a number with its noun. */
export function counted(count: number, noun: string): string {
	return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** The words and the icon of each kind. */
export const kinds: Readonly<Record<LifeEvent['kind'], { readonly label: string; readonly icon: IconName }>> = {
	sent: { label: 'Sent', icon: 'send' },
	blocked: { label: 'Blocked by the guard', icon: 'block' },
	delivered: { label: 'Delivered', icon: 'check' },
	read: { label: 'Read', icon: 'check-double' },
	sealed: { label: 'Sealed', icon: 'lock' },
	erased: { label: 'Erased', icon: 'trash' },
};
