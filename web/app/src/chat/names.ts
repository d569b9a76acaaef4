// What conversations and what happens in them are called.

import type { Change, Conversation, Person } from '@chainmail/client';

/** The name of somebody of whom nothing is known yet. */
export const unknownName = 'Somebody';

/** nameOf returns a person's name. */
export function nameOf(person: Person | undefined): string {
	return person === undefined || person.name === '' ? unknownName : person.name;
}

/**
 * shownIds returns whose names a conversation's name is made of: the other one, or the first few of a group without a
 * title.
 */
export function shownIds(conversation: Conversation, userId: string): readonly string[] {
	if (conversation.peerId !== null) {
		return [conversation.peerId];
	}
	return conversation.title === null ? conversation.participantIds.filter((id) => id !== userId).slice(0, 4) : [];
}

/** conversationName names a conversation; `people` are those of `shownIds`. */
export function conversationName(conversation: Conversation, people: readonly (Person | undefined)[]): string {
	if (conversation.title !== null && conversation.title !== '') {
		return conversation.title;
	}
	if (conversation.peerId !== null) {
		return nameOf(people[0]);
	}
	const more = conversation.participantIds.length - 1 - people.length;
	const names = people.map(nameOf);
	return names.length === 0 ? 'Only you' : listed(more > 0 ? [...names, `${more} more`] : names);
}

/** typingText says who types; the empty string for nobody. In a direct conversation that needs no name. */
export function typingText(names: readonly string[], direct: boolean): string {
	if (names.length === 0) {
		return '';
	}
	if (direct) {
		return 'typing…';
	}
	return names.length > 2 ? `${names.length} people are typing…` : `${listed(names)} ${names.length === 1 ? 'is' : 'are'} typing…`;
}

/** changeText says what happened; `name` is null where it happened to this user. No frame says whether who is gone left or was removed. */
export function changeText(change: Change['change'], name: string | null): string {
	switch (change) {
		case 'started':
			return `${name ?? 'You'} started the conversation`;
		case 'participant_added':
			return name === null ? 'You were added' : `${name} was added`;
		case 'participant_left':
			return name === null ? 'You are no longer in the group' : `${name} is no longer in the group`;
	}
}

/** listed puts words together: “a”, “a and b”, “a, b and c”. */
export function listed(words: readonly string[]): string {
	return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
