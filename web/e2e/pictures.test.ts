// Takes a picture of every view, light, dark and on a phone, into the folder that PICTURES names, for people to look at:
//
//     PICTURES=/tmp/pictures npm run e2e -- pictures

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { startServer } from '../testing/server';
import { enter, type Look, openBrowser, openContext } from './browser';
import { viewsOf } from './views';
import { makeWorld } from './world';

const folder = process.env['PICTURES'];
const looks: Readonly<Record<string, Look>> = {
	light: {}, dark: { theme: 'dark' }, 'phone-light': { phone: true }, 'phone-dark': { theme: 'dark', phone: true },
};

test.skipIf(folder === undefined)('pictures', async () => {
	const into = folder ?? '';
	mkdirSync(into, { recursive: true });
	const [server, browser] = await Promise.all([startServer('--batch-interval', '500ms'), openBrowser()]);
	const world = await makeWorld(server);
	for (const [name, look] of Object.entries(looks)) {
		const outside = await openContext(browser, look);
		const page = await outside.newPage();
		await page.goto(server.url);
		await page.getByRole('heading').first().waitFor();
		await page.screenshot({ path: join(into, `login-${name}.png`) });
		await outside.close();
		for (const who of ['ann', 'admin'] as const) {
			const person = await enter(browser, server.url, world[who], look);
			for (const view of viewsOf(world).filter((each) => each.who === who)) {
				await person.page.goto(`${server.url}/${view.hash}`);
				await view.ready(person.page);
				await person.page.waitForTimeout(1_500); // figures of the admin's charts, steps of a proof
				await person.page.screenshot({ path: join(into, `${view.name}-${name}.png`) });
			}
			await person.context.close();
		}
	}
	await browser.close();
	await server.stop();
}, 300_000);
