// What the ticks of this user's messages say.

import type { Draft, Message } from '@chainmail/client';

/** How far a message of this user has come, as it is shown. */
export type Tick = 'waiting' | 'sent' | 'delivered' | 'read';

/** tickOf returns the sign for a message or draft. */
export function tickOf(message: Message | Draft): Tick {
	return message.kind === 'draft' ? 'waiting' : message.progress;
}

/** tickText says in words what the sign shows. */
export function tickText(tick: Tick, online: boolean): string {
	switch (tick) {
		case 'waiting':
			return online ? 'Being sent' : 'Will be sent when you are back online';
		case 'sent':
			return 'Sent';
		case 'delivered':
			return 'Delivered';
		case 'read':
			return 'Read';
	}
}
