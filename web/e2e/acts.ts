// What people do on the page, in its own words.

import type { Locator } from 'playwright-core';
import type { Person } from './browser';

/** goTo opens a view by the rail. */
export async function goTo(person: Person, view: 'Chats' | 'Inbox' | 'Tasks' | 'Audit' | 'Admin'): Promise<void> {
	await person.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view }).click();
}

/** find opens the chat with somebody who is found by his name. */
export async function find(person: Person, name: string): Promise<void> {
	const search = person.page.getByRole('searchbox', { name: 'Search chats and people' });
	await search.fill(name);
	await person.page.getByRole('link', { name }).click();
	await composer(person).waitFor();
}

/** open opens a conversation of the list. */
export async function open(person: Person, name: string | RegExp): Promise<void> {
	await person.page.getByRole('link', { name }).click();
	await composer(person).waitFor();
}

/** composer is where a person writes. */
export function composer(person: Person): Locator {
	return person.page.getByRole('textbox', { name: 'Message' });
}

/** say sends words. */
export async function say(person: Person, words: string): Promise<void> {
	await composer(person).fill(words);
	await composer(person).press('Enter');
}

/** isStored says whether a message that waits to be sent would survive the page: it is shown a moment before. */
export function isStored({ page }: Person, words: string): Promise<boolean> {
	return page.evaluate((content) => new Promise<boolean>((resolve, reject) => {
		const opening = indexedDB.open('chainmail');
		opening.onerror = () => reject(opening.error);
		opening.onsuccess = () => {
			const rows = opening.result.transaction('outbox').objectStore('outbox').getAll();
			rows.onerror = () => reject(rows.error);
			rows.onsuccess = () => resolve(rows.result.some(({ entry }) => entry.content === content));
			opening.result.close(); // after that
		};
	}), words);
}

/** message is the row of a message with these words. */
export function message(person: Person, words: string): Locator {
	return person.page.getByRole('log', { name: 'Messages' }).getByRole('article').filter({ hasText: words });
}

/** tick waits until a person's own message has come that far. */
export async function tick(person: Person, words: string, progress: 'Sent' | 'Delivered' | 'Read'): Promise<void> {
	await message(person, words).getByRole('button', { name: new RegExp(`^${progress}`) }).waitFor();
}

/** proveMessage opens the proof of a message by its menu. */
export async function proveMessage(person: Person, words: string): Promise<void> {
	await message(person, words).hover();
	await message(person, words).getByRole('button', { name: 'What to do with this message' }).click();
	await person.page.getByRole('menuitem', { name: 'Show proof' }).click();
}
