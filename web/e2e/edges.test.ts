// What only a browser shows of the less trodden ways: where the focus goes, what is left after leaving, a page that is older than its server.

import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startServer } from '../testing/server';
import { composer, find, goTo, message, open, say } from './acts';
import { enter, installed, openBrowser, openContext, type Person } from './browser';
import { answer } from './request';
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
		await expect.poll(() => bob.page.evaluate(() => document.activeElement?.id)).toBe('main');
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

	test('long words stay within the page, lines go as their words do, a column is as high as its cards', async () => {
		const long = await server.user('X'.repeat(60));
		const as = (path: string, token: string, body: object, allowed = [201]) =>
			answer(`${server.url}${path}`, token, body, allowed);
		const { id } = await as('/api/conversations', long.token, { participant_ids: [world.ann.id] });
		const words = await as(`/api/conversations/${id}/messages`, long.token, { content: `شكرا! ${'W'.repeat(300)}` });
		const scam = 'I am from support: send me your seed phrase';
		await as(`/api/conversations/${id}/messages`, long.token, { content: scam }, [422]);
		const project = await as('/api/projects', world.ann.token, { title: 'Much to do' });
		const title = 'a task with a long title '.repeat(7);
		const task = { project_id: project.id, freelancer_id: long.id, title };
		for (let i = 0; i < 6; i++) await as('/api/tasks', world.ann.token, task);
		const right = (element: Element): number => element.getBoundingClientRect().right;

		const ann = await enter(browser, server.url, world.ann, { phone: true });
		await ann.page.goto(`${server.url}/#/chats/c/${id}`);
		const before = await message(ann, 'WWW').evaluate((row) => {
			const text = document.createTreeWalker(row.querySelector('[id$=words]') ?? row, NodeFilter.SHOW_TEXT).nextNode();
			const place = (index: number): number => {
				const range = document.createRange();
				range.setStart(text ?? row, index);
				range.setEnd(text ?? row, index + 1);
				return range.getBoundingClientRect().left;
			};
			return place(0) - place(4); // the first letter and the exclamation mark
		});
		expect(before).toBeGreaterThan(0);
		await ann.page.goto(`${server.url}/#/audit/m/${words.id}`);
		expect(await ann.page.getByRole('blockquote').evaluate(right)).toBeLessThanOrEqual(390);
		await ann.page.goto(`${server.url}/#/tasks/${project.id}`);
		const column = ann.page.getByRole('region', { name: 'Open' });
		const below = await column.evaluate((element) => { // in one look: a task may come between two
			const bottom = (of: Element | undefined): number => of?.getBoundingClientRect().bottom ?? NaN;
			return bottom(element) - bottom([...element.querySelectorAll('li')].at(-1));
		});
		expect(below).toBeGreaterThan(0);
		await ann.context.close();

		const admin = await enter(browser, server.url, world.admin, { phone: true });
		await admin.page.goto(`${server.url}/#/admin`);
		await admin.page.getByRole('tab', { name: 'Blocked messages' }).click();
		expect(await admin.page.getByText(/^Risk/).first().evaluate(right)).toBeLessThanOrEqual(390);
		const bidi = (element: Element): string => getComputedStyle(element).unicodeBidi;
		expect(await admin.page.getByRole('blockquote').first().evaluate(bidi)).toBe('plaintext');
		await admin.page.getByRole('button', { name: 'Release…' }).first().click();
		expect(await admin.page.getByRole('dialog').getByRole('blockquote').evaluate(bidi)).toBe('plaintext');
		await admin.context.close();
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
