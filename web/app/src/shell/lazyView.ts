// Views that are loaded when they are first opened.

import { type ComponentType, lazy } from 'react';
import { read, write } from '../kept';

const name = 'chainmail.reloaded';
const pause = 2_000;
const recently = 60_000;

/**
 * lazyView loads a view, again and again while the server is away. Where the server is there and the file is not, the server has a newer
 * page: the whole is loaded anew, once. Nothing is lost by it: what was begun and what waits to be sent survives a reload.
 */
export function lazyView<Props extends object>(load: () => Promise<ComponentType<Props>>) {
	return lazy(async () => ({ default: await insist(load) }));
}

async function insist<T>(load: () => Promise<T>): Promise<T> {
	for (;;) {
		try {
			return await load();
		} catch (error) {
			if (await served()) return renew(error);
			await new Promise((resolve) => setTimeout(resolve, pause));
		}
	}
}

/** served says whether the server gives out its page now. */
async function served(): Promise<boolean> {
	try {
		return (await fetch('/', { method: 'HEAD', cache: 'no-store' })).ok;
	} catch {
		return false;
	}
}

/** renew loads the page anew; throws the error if that was tried just now, so that no page reloads for ever. */
function renew(error: unknown): Promise<never> {
	if (Date.now() - Number(read('session', name) ?? 0) < recently) throw error;
	write('session', name, String(Date.now()));
	location.reload();
	return new Promise(() => undefined); // until the page has gone
}
