// The browser of the tests: Debian's Chromium, a context of its own for each user.

import { execFileSync } from 'node:child_process';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Account } from '../testing/server';

/** How long the page may take over anything, in milliseconds: less than a test may, to say what it waited for. */
const patience = 60_000;

/** The path of an installed Chromium; null where there is none, which tools/browser/install.sh has said loudly. */
export const installed: string | null = ['chromium', 'chromium-browser', 'google-chrome']
	.reduce<string | null>((found, name) => found ?? which(name), process.env['CHROMIUM'] ?? null);

if (installed === null && process.env['CI']) throw new Error('no Chromium, which tools/browser/install.sh installs');

function which(name: string): string | null {
	try {
		return execFileSync('which', [name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
	} catch {
		return null;
	}
}

/** openBrowser starts it. Chromium's own calls home are off: a closed network would refuse them, many at a time. */
export function openBrowser(): Promise<Browser> {
	return chromium.launch({
		executablePath: installed ?? '',
		args: [
			'--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
			'--disable-component-update', '--disable-sync',
		],
	});
}

/** What a context is opened with. */
export interface Look {
	readonly theme?: 'light' | 'dark';
	/** 390 pixels wide, with touch. */
	readonly phone?: boolean;
}

/** A user in a browser of his own. */
export interface Person {
	readonly account: Account;
	readonly context: BrowserContext;
	readonly page: Page;
	/** What went wrong in the page: errors of scripts, of the console and of the content security policy. */
	readonly troubles: readonly string[];
}

/** openContext makes a context that looks so. Nothing moves, so that a picture is of something settled. */
export function openContext(browser: Browser, look: Look = {}): Promise<BrowserContext> {
	return browser.newContext({
		colorScheme: look.theme ?? 'light',
		reducedMotion: 'reduce',
		viewport: look.phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
		hasTouch: look.phone ?? false,
		deviceScaleFactor: look.phone ? 2 : 1,
	});
}

/** watch collects what goes wrong in a page. What a test breaks on purpose is `expected`. */
export function watch(page: Page, expected: RegExp[] = []): string[] {
	const troubles: string[] = [];
	page.setDefaultTimeout(patience);
	page.on('pageerror', (error) => troubles.push(String(error)));
	page.on('console', (message) => {
		const text = `${message.text()} ${message.location().url}`;
		if (message.type() === 'error' && !expected.some((pattern) => pattern.test(text))) troubles.push(text);
	});
	return troubles;
}

/** enter opens the page at an address as a user, by a link like the one that `serve --demo` prints. */
export async function enter(browser: Browser, url: string, account: Account, look: Look = {}): Promise<Person> {
	const context = await openContext(browser, look);
	const page = await context.newPage();
	const troubles = watch(page, [/ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|WebSocket connection|status of (404|409|422|503)/]);
	await page.goto(`${url}/#token=${account.token}`);
	await page.getByRole('navigation', { name: 'Views' }).waitFor();
	return { account, context, page, troubles };
}
