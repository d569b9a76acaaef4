// Nobody is shut out: axe finds nothing worse than minor in any view, light or dark, on a desktop or a phone.

import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startServer } from '../testing/server';
import { enter, installed, type Look, openBrowser } from './browser';
import { viewsOf } from './views';
import { makeWorld, type World } from './world';

describe.skipIf(installed === null)('accessibility', () => {
	let server: Server;
	let browser: Browser;
	let world: World;

	beforeAll(async () => {
		[server, browser] = await Promise.all([startServer('--batch-interval', '500ms'), openBrowser()]);
		world = await makeWorld(server);
	});
	afterAll(async () => {
		await browser.close();
		await server.stop();
	});

	const looks: Readonly<Record<string, Look>> = { light: {}, 'dark, on a phone': { theme: 'dark', phone: true } };
	test.each(Object.entries(looks))('%s', async (_, look) => {
		const found: string[] = [];
		for (const who of ['ann', 'admin'] as const) {
			const person = await enter(browser, server.url, world[who], look);
			for (const view of viewsOf(world).filter((each) => each.who === who)) {
				await person.page.goto(`${server.url}/${view.hash}`);
				await view.ready(person.page);
				// Into the page's world past its content security policy, as a debugger may.
				await person.page.evaluate(axe.source);
				const { violations } = await person.page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
				for (const { id, impact, nodes } of violations) {
					if (impact !== 'minor') {
						found.push(...nodes.map((node) => `${view.name}: ${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`));
					}
				}
			}
			expect(person.troubles).toEqual([]);
			await person.context.close();
		}
		expect(found).toEqual([]);
	});
});
