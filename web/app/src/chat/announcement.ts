// What a screen reader says of new messages.

import type { Draft } from '@chainmail/client';
import { listed } from './names';

/** A message that came. */
export interface Heard {
	readonly name: string;
	readonly content: string;
}

const longest = 140; // characters of one message; the list has the rest

/**
 * announcement is one sentence for the messages that came together: the words of one, the number and the senders of
 * several.
 */
export function announcement(heard: readonly Heard[]): string {
	const only = heard[0];
	if (only === undefined) {
		return '';
	}
	if (heard.length > 1) {
		return `${heard.length} new messages from ${listed([...new Set(heard.map((each) => each.name))])}`;
	}
	const characters = [...only.content];
	return `${only.name}: ${characters.length > longest ? `${characters.slice(0, longest).join('')}…` : only.content}`;
}

/** notSent says why a draft is held. */
export function notSent({ warning, problem }: Draft): string {
	return warning?.message ?? `Your message was not sent: ${problem?.message ?? 'the server did not take it'}`;
}
