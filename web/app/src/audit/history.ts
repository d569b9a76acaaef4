import type { Api } from '@chainmail/client';
import { isPastFrame, type PastFrame } from './past';

/** At most so many events of a conversation are loaded: its first ones. */
export const mostFrames = 20_000;

/** A conversation's events, the oldest first. */
export interface History {
	readonly frames: readonly PastFrame[];
	/** Whether there are more than were loaded. */
	readonly isCut: boolean;
}

/** loadHistory loads all events of a conversation, page by page, and tells how many there are so far. Rejects with Trouble. */
export async function loadHistory(api: Pick<Api, 'frames'>, conversationId: string, told: (count: number) => void): Promise<History> {
	const frames: PastFrame[] = [];
	let since = 0;
	for (;;) {
		const page = await api.frames(conversationId, since);
		frames.push(...page.items.filter(isPastFrame));
		told(frames.length);
		if (!page.more) return { frames, isCut: false };
		if (frames.length >= mostFrames) return { frames, isCut: true };
		since = page.position;
	}
}
