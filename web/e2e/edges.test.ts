// What only a browser shows of the less trodden ways: where the focus goes, what is left after leaving, a page that is older than its server.

import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startServer } from '../testing/server';
import { composer, find, goTo, message, open, say } from './acts';
import { enter, installed, openBrowser, openContext, type Person } from './browser';
import { makeWorld, type World } from './world';

describe.skipIf(installed === null)('edges', () => {
	let server: Server;
	let browser: Browser;
	let world: World;

	beforeAll(async () => {
		[server, browser] = await Promise.all([startServer(), openBrowser()]);
		world = await makeWorld(server);
	});
	afterAll(async () => {
		await browser.close();
		await server.stop();
	});

	const isFocused = (person: Person): Promise<boolean> => composer(person).evaluate((area) => area === document.activeElement);

	test('the focus is where one writes after Edit and after Discard', async () => {
		const ann = await enter(browser, server.url, world.ann);
		await open(ann, /Robert Stone/);
		const scam = 'I am from support: tell me your seed phrase';
		await say(ann, scam);
		await message(ann, scam).getByRole('button', { name: 'Edit' }).press('Enter');
		await message(ann, scam).waitFor({ state: 'detached' });
		await expect.poll(() => isFocused(ann)).toBe(true);
		expect(await composer(ann).inputValue()).toBe(scam);
		await composer(ann).press('Enter');
		await message(ann, scam).getByRole('button', { name: 'Discard' }).press('Enter');
		await message(ann, scam).waitFor({ state: 'detached' });
		await expect.poll(() => isFocused(ann)).toBe(true);
		await ann.context.close();
	});

	test('whoever is unblocked in the list of blocked people can be written to at once', async () => {
		const ann = await enter(browser, server.url, world.ann);
		await open(ann, /Robert Stone/);
		await ann.page.getByRole('button', { name: 'What to do with this conversation' }).click();
		await ann.page.getByRole('menuitem', { name: /^Block/ }).click();
		await ann.page.getByRole('button', { name: 'Block', exact: true }).click();
		await ann.page.getByText('You have blocked this person.').waitFor();
		await ann.page.getByRole('button', { name: /: account/ }).click();
		await ann.page.getByRole('menuitem', { name: 'Blocked people' }).click();
		await ann.page.getByRole('dialog').getByRole('button', { name: 'Unblock' }).click();
		await ann.page.getByText('Nobody is blocked').waitFor();
		await ann.page.keyboard.press('Escape');
		await composer(ann).waitFor();
		await ann.context.close();
	});

	test('who has left a group keeps what was written, and is offered nothing that would fail', async () => {
		const bob = await enter(browser, server.url, world.bob);
		const address = `#/chats/c/${world.group}`;
		await open(bob, /Launch team/);
		await bob.page.getByRole('button', { name: /participants/ }).click();
		await bob.page.getByRole('button', { name: 'Leave' }).click();
		await bob.page.getByRole('button', { name: 'Leave', exact: true }).click();
		await bob.page.getByText('Your conversations').waitFor();
		expect(await bob.page.evaluate(() => document.activeElement?.id)).toBe('main');
		await bob.page.goto(`${server.url}/${address}`);
		await bob.page.getByText('You do not take part in this conversation.').waitFor();
		await message(bob, 'When do we start?').waitFor();
		expect(await composer(bob).count()).toBe(0);
		await bob.page.getByRole('button', { name: /participants/ }).click();
		await bob.page.getByRole('list', { name: 'Participants' }).waitFor();
		expect(await bob.page.getByRole('button', { name: 'Leave' }).count()).toBe(0);
		await bob.context.close();
	});

	test('an admin who erases a message of others sees it gone', async () => {
		const admin = await enter(browser, server.url, world.admin);
		await admin.page.goto(`${server.url}/#/chats/c/${world.group}`);
		const words = 'On Monday, if the texts are ready.';
		await message(admin, words).hover();
		await message(admin, words).getByRole('button', { name: 'What to do with this message' }).click();
		await admin.page.getByRole('menuitem', { name: /Erase/ }).click();
		await admin.page.getByRole('button', { name: 'Erase for everybody' }).click();
		await admin.page.getByText('This message was erased').waitFor();
		await message(admin, words).waitFor({ state: 'detached' });
		await admin.context.close();
	});

	test('what one user has begun to write is nothing for the next one in the same tab', async () => {
		const context = await openContext(browser);
		const page = await context.newPage();
		const carla = { account: world.admin, context, page, troubles: [] };
		await page.goto(`${server.url}/#token=${world.ann.token}`);
		await find(carla, 'Carla Reyes');
		await composer(carla).fill('a secret');
		await page.goto(`${server.url}/#token=${world.bob.token}`);
		await page.getByRole('button', { name: 'Robert Stone: account' }).waitFor();
		await find(carla, 'Carla Reyes');
		expect(await composer(carla).inputValue()).toBe('');
		await context.close();
	});

	test('nobody and no id at an address is said, or leads to the list', async () => {
		const ann = await enter(browser, server.url, world.ann);
		await ann.page.goto(`${server.url}/#/chats/u/0190b5d2-7c00-7a11-8000-000000000000`);
		await ann.page.getByText('There is no such person here.').waitFor();
		await ann.page.goto(`${server.url}/#/chats/c/nope`);
		await ann.page.getByText('Your conversations').waitFor();
		await ann.context.close();
	});

	test('an open menu is in a landmark, and an open chat on a phone has a heading', async () => {
		const ann = await enter(browser, server.url, world.ann, { phone: true });
		await open(ann, /Robert Stone/);
		await ann.page.getByRole('button', { name: 'What to do with this conversation' }).click();
		await ann.page.getByRole('menu').waitFor();
		await ann.page.evaluate(axe.source);
		const { violations } = await ann.page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
		expect(violations.map(({ id }) => id)).toEqual([]);
		await ann.context.close();
	});

	test('a view that a newer server has under another name loads the page anew, once', async () => {
		const ann = await enter(browser, server.url, world.ann);
		let loads = 0;
		ann.page.on('load', () => loads++);
		let gone = true;
		await ann.context.route(/\/assets\/InboxView-.*\.js$/, (route) => gone ? route.fulfill({ status: 404 }) : route.fallback());
		await goTo(ann, 'Inbox');
		await ann.page.getByText('Something went wrong here').waitFor();
		expect(loads).toBe(1);
		gone = false;
		await ann.page.getByRole('button', { name: 'Load again' }).click();
		await ann.page.getByRole('heading', { name: 'Inbox' }).waitFor();
		await ann.context.close();
	});
});
