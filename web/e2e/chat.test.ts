import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Proxy, startProxy } from '../testing/proxy';
import { type Server, startServer } from '../testing/server';
import { find, goTo, isStored, message, open, say, tick } from './acts';
import { enter, installed, openBrowser, type Person } from './browser';

describe.skipIf(installed === null)('chat', () => {
	let server: Server;
	let network: Proxy; // between Robert and the server
	let browser: Browser;
	let ann: Person;
	let bob: Person;
	let count = 0; // of tests: each has users of its own

	beforeAll(async () => {
		[server, browser] = await Promise.all([startServer(), openBrowser()]);
		network = await startProxy(server.url);
	});
	afterAll(async () => {
		await browser.close();
		await network.stop();
		await server.stop();
	});
	beforeEach(async () => {
		count++;
		const [first, second] = await Promise.all([server.user(`Annika ${count}`), server.user(`Robert ${count}`)]);
		[ann, bob] = await Promise.all([enter(browser, server.url, first), enter(browser, network.url, second)]);
	});
	afterEach(async () => {
		const troubles = [...ann.troubles, ...bob.troubles];
		await Promise.all([ann.context.close(), bob.context.close()]);
		expect(troubles).toEqual([]);
	});

	test('two users write, and the ticks change', async () => {
		await find(ann, bob.account.name);
		await say(ann, 'hello, Robert');
		await tick(ann, 'hello, Robert', 'Delivered'); // his client has it; he looks at his list
		await open(bob, new RegExp(ann.account.name));
		await message(bob, 'hello, Robert').waitFor();
		await tick(ann, 'hello, Robert', 'Read');
		await say(bob, 'hello yourself');
		await message(ann, 'hello yourself').waitFor();
		await tick(bob, 'hello yourself', 'Read');
	});

	test('somebody types, and others see it', async () => {
		await find(ann, bob.account.name);
		await say(ann, 'first');
		await open(bob, new RegExp(ann.account.name));
		const seen = ann.page.getByText(/typing/).first().waitFor(); // it lapses after 6 s
		await Promise.all([seen, bob.page.getByRole('textbox', { name: 'Message' }).pressSequentially('well')]);
	});

	test('one goes offline, writes all the same, and catches up', async () => {
		await find(ann, bob.account.name);
		await say(ann, 'before');
		await open(bob, new RegExp(ann.account.name));
		await message(bob, 'before').waitFor();
		network.refuse(true);
		network.cut();
		await bob.context.setOffline(true);
		await bob.page.getByText('You are offline.').first().waitFor();
		await say(bob, 'written offline');
		await bob.page.getByText(/1 message/).first().waitFor();
		await say(ann, 'while you were away');
		await tick(ann, 'while you were away', 'Sent');
		network.refuse(false);
		await bob.context.setOffline(false); // at once, whatever the next attempt was to wait for
		await message(bob, 'while you were away').waitFor();
		await message(ann, 'written offline').waitFor();
		await tick(ann, 'while you were away', 'Read');
		await tick(bob, 'written offline', 'Read');
		expect(await message(bob, 'written offline').count()).toBe(1);
		expect(await message(ann, 'written offline').count()).toBe(1);
	});

	test('what was written offline survives the page', async () => {
		await find(ann, bob.account.name);
		await say(ann, 'before');
		await open(bob, new RegExp(ann.account.name));
		await message(bob, 'before').waitFor();
		network.refuse(true);
		network.cut();
		await say(bob, 'kept in the browser');
		await bob.page.getByText(/1 message/).first().waitFor();
		await expect.poll(() => isStored(bob, 'kept in the browser')).toBe(true);
		await bob.page.goto('about:blank');
		network.refuse(false);
		await bob.page.goto(network.url);
		await message(ann, 'kept in the browser').waitFor();
		await open(bob, new RegExp(ann.account.name));
		await tick(bob, 'kept in the browser', 'Read');
		expect(await message(bob, 'kept in the browser').count()).toBe(1);
	});

	test('the guard keeps a scam back, and says why', async () => {
		await find(ann, bob.account.name);
		await say(ann, 'I am from support: send me your seed phrase now');
		const row = message(ann, 'seed phrase');
		await row.getByText('Kept back by the guard').waitFor();
		await row.getByText(/recovery phrase/i).first().waitFor();
		await row.getByRole('button', { name: 'Edit' }).click();
		await say(ann, 'How are you?');
		await tick(ann, 'How are you?', 'Delivered');
		await open(bob, new RegExp(ann.account.name));
		await message(bob, 'How are you?').waitFor();
		expect(await bob.page.getByText('seed phrase').count()).toBe(0);
	});

	test('a group', async () => {
		const third = await server.user(`Carla ${count}`);
		const carla = await enter(browser, server.url, third);
		await ann.page.getByRole('button', { name: 'New group' }).click();
		const dialog = ann.page.getByRole('dialog', { name: 'New group' });
		await dialog.getByRole('textbox', { name: 'Title' }).fill(`Picnic ${count}`);
		for (const name of [bob.account.name, third.name]) {
			await dialog.getByRole('combobox', { name: 'Add people' }).fill(name);
			await dialog.getByRole('option', { name: new RegExp(name) }).click();
		}
		await dialog.getByRole('button', { name: 'Start' }).click();
		await dialog.waitFor({ state: 'hidden' });
		await say(ann, 'who brings what?');
		await open(bob, new RegExp(`Picnic ${count}`));
		await message(bob, 'who brings what?').waitFor();
		await tick(ann, 'who brings what?', 'Delivered'); // all have it, and not all have read it
		await open(carla, new RegExp(`Picnic ${count}`));
		await tick(ann, 'who brings what?', 'Read');
		await message(ann, 'who brings what?').getByRole('button', { name: /^Read/ }).click();
		const info = ann.page.getByRole('dialog', { name: 'Message info' });
		await info.getByText('Read by').waitFor();
		for (const name of [bob.account.name, third.name]) await info.getByText(name).waitFor();
		expect(carla.troubles).toEqual([]);
		await carla.context.close();
	});

	test('a message is erased everywhere', async () => {
		await find(ann, bob.account.name);
		await say(ann, 'a slip of the tongue');
		await open(bob, new RegExp(ann.account.name));
		await message(bob, 'a slip of the tongue').waitFor();
		await tick(ann, 'a slip of the tongue', 'Read');
		await message(ann, 'a slip of the tongue').hover();
		await message(ann, 'a slip of the tongue').getByRole('button', { name: 'What to do with this message' }).click();
		await ann.page.getByRole('menuitem', { name: /Erase/ }).click();
		await ann.page.getByRole('dialog').getByRole('button', { name: /Erase/ }).click();
		await message(bob, 'This message was erased').waitFor();
		expect(await bob.page.getByText('a slip of the tongue').count()).toBe(0);
	});

	test('a notification and a task that moves', async () => {
		await goTo(ann, 'Tasks');
		await ann.page.getByRole('button', { name: 'New project' }).first().click();
		await ann.page.getByRole('dialog').getByRole('textbox', { name: 'Title' }).fill(`Garden ${count}`);
		const toast = bob.page.getByText(`Garden ${count}`).first().waitFor(); // it goes after some seconds
		await Promise.all([toast, ann.page.getByRole('button', { name: 'Make project' }).click()]);
		await ann.page.getByRole('button', { name: 'New task' }).click();
		const dialog = ann.page.getByRole('dialog');
		await dialog.getByRole('textbox', { name: 'What is to be done' }).fill('Plant a tree');
		await dialog.getByRole('combobox', { name: 'Freelancer' }).fill(bob.account.name);
		await dialog.getByRole('option', { name: bob.account.name }).click();
		await dialog.getByRole('button', { name: 'Make task' }).click();
		await ann.page.getByRole('heading', { name: 'Plant a tree' }).waitFor();

		await goTo(bob, 'Inbox');
		await bob.page.getByRole('listitem').filter({ hasText: 'Plant a tree' }).first().waitFor();
		await goTo(bob, 'Tasks');
		await bob.page.getByRole('button', { name: 'Move “Plant a tree”' }).click();
		await bob.page.getByRole('menuitem', { name: 'Move to In progress' }).click();
		for (const person of [ann, bob]) {
			const column = person.page.getByRole('region', { name: /In progress/ });
			await column.getByRole('heading', { name: 'Plant a tree' }).waitFor();
		}
	});
});
