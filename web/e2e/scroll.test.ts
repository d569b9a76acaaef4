// A long conversation: only what is in sight is in the document, and nothing moves under the reader's eyes.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startServer } from '../testing/server';
import { message } from './acts';
import { enter, installed, openBrowser, type Person } from './browser';
import { answer } from './request';

const count = 400; // messages: several pages of history

describe.skipIf(installed === null)('a long conversation', () => {
	let server: Server;
	let browser: Browser;
	let ann: Person;
	let say: (words: string) => Promise<unknown>;
	let short: string; // another conversation

	beforeAll(async () => {
		[server, browser] = await Promise.all([startServer('--rate-limit', '0'), openBrowser()]);
		const [first, second, third] = await Promise.all([server.user('Annika'), server.user('Robert'), server.user('Carla')]);
		const { id } = await answer(`${server.url}/api/conversations`, second.token, { participant_ids: [first.id] }, [201]);
		const started = await answer(`${server.url}/api/conversations`, first.token, { participant_ids: [third.id] }, [201]);
		short = started.id;
		say = (words) => answer(`${server.url}/api/conversations/${id}/messages`, second.token, { content: words }, [201]);
		for (let i = 1; i <= count; i += 20) {
			await Promise.all(Array.from({ length: 20 }, (_, k) => say(`message ${i + k}${' and more of it'.repeat((i + k) % 23)}`)));
		}
		ann = await enter(browser, server.url, first);
		await ann.page.goto(`${server.url}/#/chats/c/${id}`);
	});
	afterAll(async () => {
		expect(ann.troubles).toEqual([]);
		await browser.close();
		await server.stop();
	});

	/** firstWhole is the first row that is wholly in sight: its id, and how far from the top it is. */
	function firstWhole(): Promise<{ id: string; top: number }> {
		return ann.page.getByRole('log').evaluate((log) => {
			const top = log.getBoundingClientRect().top;
			const row = [...log.querySelectorAll('[role=article]')].find((each) => each.getBoundingClientRect().top >= top);
			return { id: row?.textContent ?? '', top: Math.round((row?.getBoundingClientRect().top ?? 0) - top) };
		});
	}

	test('opens at its end, and is read back to its start', async () => {
		const log = ann.page.getByRole('log');
		await log.getByRole('article').last().waitFor();
		await log.hover();
		const begun = async () => await log.evaluate((each) => each.scrollTop === 0) && ann.page.getByText('The conversation begins here').isVisible();
		while (!(await begun())) {
			await ann.page.mouse.wheel(0, -4_000);
			await ann.page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
		}
		expect(await log.getByRole('article').count()).toBeLessThan(80);
		expect((await firstWhole()).id).toMatch(/message ([1-9]|1\d|20) /); // twenty were sent at once
	});

	test('a message that comes moves nothing, and is a press away', async () => {
		await ann.page.getByRole('log').evaluate((log) => log.scrollBy({ top: 3_000, behavior: 'instant' })); // a wheel goes on for some frames
		await ann.page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
		const before = await firstWhole();
		await say('the newest');
		await ann.page.getByRole('button', { name: /To the newest message; 1 new/ }).waitFor();
		expect(await firstWhole()).toEqual(before);
		await ann.page.getByRole('button', { name: /To the newest message/ }).click();
		await message(ann, 'the newest').waitFor();
	});

	test('the list is there again after another view', async () => {
		await ann.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Audit' }).click();
		await ann.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Chats' }).click();
		await ann.page.getByRole('link', { name: /Robert/ }).waitFor();
	});

	test('opened again, a conversation is at its end, whatever its rows were guessed to be', async () => {
		const words = 'W'.repeat(55); // wider than most
		const messages = `${server.url}/api/conversations/${short}/messages`;
		for (let i = 0; i < 20; i++) await answer(messages, ann.account.token, { content: words }, [201]);
		for (const hash of [`#/chats/c/${short}`, '#/chats', `#/chats/c/${short}`]) {
			await ann.page.goto(`${server.url}/${hash}`);
			await ann.page.getByRole('link', { name: /Carla/ }).waitFor();
		}
		const log = ann.page.getByRole('log');
		await log.getByText(words).last().waitFor();
		const below = () => log.evaluate((each) => Math.round(each.scrollHeight - each.clientHeight - each.scrollTop));
		await expect.poll(below).toBe(0);
	});
});
