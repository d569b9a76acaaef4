// A proof verifies in the browser, and a server that lies by one bit is caught and shown.

import { readFileSync } from 'node:fs';
import type { Browser, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { answers } from '@chainmail/client';
import { type Server, startServer } from '../testing/server';
import { find, proveMessage, say, tick } from './acts';
import { enter, installed, openBrowser, type Person } from './browser';

/** flip changes one bit of what base64 says. */
function flip(base64: string, at: number): string {
	const bytes = Buffer.from(base64, 'base64');
	bytes[at] = (bytes[at] ?? 0) ^ 1;
	return bytes.toString('base64');
}

describe.skipIf(installed === null)('proofs', () => {
	let server: Server;
	let browser: Browser;
	let ann: Person;
	const words = 'prove this';

	beforeAll(async () => {
		[server, browser] = await Promise.all([startServer('--batch-interval', '300ms'), openBrowser()]);
		const [first] = await Promise.all([server.user('Annika'), server.user('Robert')]);
		ann = await enter(browser, server.url, first);
		await find(ann, 'Robert');
		await say(ann, words);
		await tick(ann, words, 'Sent');
	});
	afterAll(async () => {
		expect(ann.troubles).toEqual([]);
		await browser.close();
		await server.stop();
	});

	/** lie makes the server change one thing of each proof that it gives, from now on. */
	async function lie(change: (proof: answers.MessageProof) => Partial<answers.MessageProof>): Promise<void> {
		await ann.page.route('**/api/messages/*/proof', async (route: Route) => {
			const response = await route.fetch();
			if (!response.ok()) return route.fulfill({ response });
			const proof = await response.json() as answers.MessageProof;
			return route.fulfill({ response, json: { ...proof, ...change(proof) } });
		});
	}

	/** prove opens the proof of the message. */
	async function prove(): Promise<void> {
		await ann.page.goto(`${server.url}/#/chats`);
		await ann.page.getByRole('link', { name: /Robert/ }).click();
		await proveMessage(ann, words);
		await ann.page.getByRole('heading', { name: 'A message and its proof' }).waitFor();
	}

	test('holds, and is downloaded', async () => {
		await prove();
		await ann.page.getByText('The log has this message, with these very words.').waitFor();
		const [download] = await Promise.all([
			ann.page.waitForEvent('download'), ann.page.getByRole('button', { name: 'Proof with the words (JSON)' }).click(),
		]);
		const path = await download.path();
		expect((JSON.parse(readFileSync(path, 'utf8')) as answers.MessageProof).content).toBe(words);

	});

	const lies: Readonly<Record<string, readonly [(proof: answers.MessageProof) => Partial<answers.MessageProof>, string]>> = {
		'a bit of the leaf': [(proof) => ({ leaf: flip(proof.leaf, 100) }), 'The proof contradicts itself.'],
		'a bit of the path, in both forms': [
			({ path, tlog_proof: text }) => {
				const first = path[0] ?? '';
				return { path: [flip(first, 5), ...path.slice(1)], tlog_proof: text.replace(first, flip(first, 5)) };
			},
			'The message is not in the log that was signed.',
		],
		'a bit of the signature': [
			(proof) => {
				const signature = proof.checkpoint.trimEnd().split(' ').at(-1) ?? '';
				return {
					checkpoint: proof.checkpoint.replace(signature, flip(signature, 40)), tlog_proof: proof.tlog_proof.replace(signature, flip(signature, 40)),
				};
			},
			'The log has not signed this.',
		],
		'a word': [(proof) => ({ content: (proof.content ?? '').replace('prove', 'grove') }), 'The words shown are not the words that were sealed.'],
	};
	test.each(Object.entries(lies))('a server that changes %s is caught', async (_, [change, finding]) => {
		await lie(change);
		await prove();
		await ann.page.getByRole('status').getByText(finding).waitFor();
		await ann.page.getByRole('button', { name: 'Download the evidence' }).waitFor();
		await ann.page.unroute('**/api/messages/*/proof');
		await ann.page.getByRole('button', { name: 'Check again' }).click();
		await ann.page.getByText('The log has this message, with these very words.').waitFor();
	});

	test('a log that was put back from a backup is caught', async () => {
		await ann.page.goto(`${server.url}/#/audit`);
		await ann.page.getByText('Consistent').waitFor();
		const before = await (await fetch(`${server.url}/checkpoint`)).text();
		await ann.page.goto(`${server.url}/#/chats`);
		await ann.page.getByRole('link', { name: /Robert/ }).click();
		await say(ann, 'one more');
		await tick(ann, 'one more', 'Sent');
		await expect.poll(async () => (await fetch(`${server.url}/checkpoint`)).text()).not.toBe(before);
		await prove(); // and so the larger tree is seen
		await ann.page.getByText('The log has this message, with these very words.').waitFor();
		await ann.page.route('**/checkpoint', (route) => route.fulfill({ body: before, contentType: 'text/plain' }));
		await ann.page.route('**/api/log/proof/consistency*', (route) => route.fulfill({
			status: 422, contentType: 'application/problem+json', json: { status: 422, code: 'invalid_field', field: 'to', detail: 'to is beyond the latest checkpoint' },
		}));
		await ann.page.goto(`${server.url}/#/audit`);
		// One look might have met a server that lags.
		await ann.page.getByText('it may lag behind').waitFor();
		for (let looks = 2; looks <= 3; looks++) {
			const answered = ann.page.waitForResponse('**/checkpoint');
			await ann.page.getByRole('button', { name: 'Look again' }).click();
			await answered;
		}
		await ann.page.getByRole('heading', { name: 'The log contradicts itself' }).waitFor();
	});
});
