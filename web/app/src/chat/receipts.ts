// Who has received and read a message.

import type { answers } from '@chainmail/client';
import type { Tick } from './ticks';

/** How far a message has come with one recipient. */
export interface Outcome {
	readonly userId: string;
	readonly tick: Exclude<Tick, 'waiting'>;
	/** RFC 3339; null where it is not so yet. */
	readonly deliveredAt: string | null;
	readonly readAt: string | null;
}

/**
 * outcomes puts the receipts together with the participants of whom there is none yet. Those who took part then and
 * have left since stay in it by their receipts.
 */
export function outcomes(receipts: readonly answers.Receipt[], participantIds: readonly string[], senderId: string): readonly Outcome[] {
	const told = receipts.map((receipt): Outcome => ({
		userId: receipt.user_id,
		tick: receipt.read_at === null ? 'delivered' : 'read',
		deliveredAt: receipt.delivered_at,
		readAt: receipt.read_at,
	}));
	const known = new Set([senderId, ...told.map((outcome) => outcome.userId)]);
	const others = participantIds.filter((id) => !known.has(id));
	return [...told, ...others.map((userId) => ({ userId, tick: 'sent', deliveredAt: null, readAt: null }) as const)];
}
