// Every view of the page, to be looked at by people and by axe.

import type { Page } from 'playwright-core';
import type { World } from './world';

/** A view: who looks at it, where it is, and what is there once it is ready. */
export interface View {
	readonly name: string;
	readonly who: 'ann' | 'admin';
	readonly hash: string;
	readonly ready: (page: Page) => Promise<unknown>;
}

/** viewsOf lists the views of a world. */
export function viewsOf(world: World): readonly View[] {
	return [
		{ name: 'chats', who: 'ann', hash: '#/chats', ready: (page) => page.getByRole('link', { name: /Launch team/ }).waitFor() },
		{ name: 'chat', who: 'ann', hash: `#/chats/c/${world.direct}`, ready: (page) => page.getByText('Good point!').last().waitFor() },
		{ name: 'group', who: 'ann', hash: `#/chats/c/${world.group}`, ready: (page) => page.getByText('On Monday').last().waitFor() },
		{ name: 'inbox', who: 'ann', hash: '#/inbox', ready: (page) => page.getByText('You were paid').first().waitFor() },
		{ name: 'tasks', who: 'ann', hash: '#/tasks', ready: (page) => page.getByText('A new site').first().waitFor() },
		{ name: 'board', who: 'ann', hash: `#/tasks/${world.project}`, ready: (page) => page.getByRole('heading', { name: 'Write the texts' }).waitFor() },
		{ name: 'log', who: 'ann', hash: '#/audit', ready: (page) => page.getByRole('heading').first().waitFor() },
		{ name: 'proof', who: 'ann', hash: `#/audit/m/${world.message}`, ready: (page) => page.getByRole('heading').first().waitFor() },
		{ name: 'past', who: 'ann', hash: `#/audit/c/${world.direct}`, ready: (page) => page.getByRole('slider').waitFor() },
		{ name: 'admin', who: 'admin', hash: '#/admin', ready: (page) => page.getByRole('figure').first().waitFor() },
		{
			name: 'blocked', who: 'admin', hash: '#/admin', ready: async (page) => {
				await page.getByRole('tab', { name: 'Blocked messages' }).click();
				await page.getByText(/seed phrase/).first().waitFor();
			},
		},
	];
}
