// Telling that somebody types, not at each key.

import type { ClientFrame } from './generated/frames';
import type { Target } from './model';

/** typing tells, at most every 3 s for each target, that this user types there, or at once that he no longer does. */
export type Typing = (target: Target, isTyping: boolean) => void;

const interval = 3_000; // the server lets it lapse after 6 s

/** createTyping sends what may be lost. `now` returns milliseconds that only grow. */
export function createTyping(send: (frame: ClientFrame) => boolean, now: () => number = () => performance.now()): Typing {
	let last: { readonly id: string; readonly at: number } | null = null; // one types in one place at a time
	return (target, isTyping) => {
		const id = 'conversationId' in target ? target.conversationId : target.userId;
		const told = last?.id === id;
		if (isTyping ? told && last !== null && now() - last.at < interval : !told) return;
		last = isTyping ? { id, at: now() } : null;
		send({ type: 'typing', ...('conversationId' in target ? { conversation_id: id } : { receiver_id: id }), is_typing: isTyping });
	};
}
