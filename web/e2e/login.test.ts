import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startServer } from '../testing/server';
import { installed, openBrowser, openContext, watch } from './browser';
import { giveWallet } from './wallet';

describe.skipIf(installed === null)('login', () => {
	let server: Server;
	let browser: Browser;

	beforeAll(async () => {
		[server, browser] = await Promise.all([startServer(), openBrowser()]);
	});
	afterAll(async () => {
		await browser.close();
		await server.stop();
	});

	test('with a wallet, again after a reload, and out', async () => {
		const context = await openContext(browser);
		const wallet = await giveWallet(context);
		const page = await context.newPage();
		const troubles = watch(page);
		await page.goto(server.url);
		wallet.reject(true);
		await page.getByRole('button', { name: /Continue with/ }).click();
		await page.getByRole('alert').waitFor();
		wallet.reject(false);
		await page.getByRole('button', { name: /Continue with/ }).click();
		const views = page.getByRole('navigation', { name: 'Views' });
		await views.waitFor();
		expect(wallet.signed).toHaveLength(1);
		expect(wallet.signed[0]).toContain(wallet.address);

		await page.reload();
		await views.waitFor();
		expect(wallet.signed).toHaveLength(1);

		await page.getByRole('button', { name: /0x/i }).click();
		await page.getByRole('menuitem', { name: /Sign out/ }).click();
		await page.getByRole('button', { name: /Continue with/ }).waitFor();
		expect(troubles).toEqual([]);
		await context.close();
	});

	test('by a link, whose token leaves the address at once', async () => {
		const account = await server.user('Linda');
		const context = await openContext(browser);
		const page = await context.newPage();
		await page.goto(`${server.url}/#token=${account.token}`);
		await page.getByRole('navigation', { name: 'Views' }).waitFor();
		expect(page.url()).not.toContain(account.token);
		await context.close();
	});

	test('a session that ends says so, and does not try again', async () => {
		const account = await server.user('Gone');
		const context = await openContext(browser);
		const page = await context.newPage();
		await page.goto(`${server.url}/#token=${account.token}`);
		await page.getByRole('navigation', { name: 'Views' }).waitFor();
		await server.command('user', 'deactivate', account.id);
		await page.getByRole('alert').filter({ hasText: /account|deactivated|active/i }).waitFor();
		await context.close();
	});
});
