// Where in the page one is. It stands in the address behind the #, so that back, forward and links work, and no server hears of it.

import type { Target } from '@chainmail/client';
import { useSyncExternalStore } from 'react';

/** A place in the page. */
export type Route =
	| { readonly view: 'chats'; readonly target: Target | null }
	| { readonly view: 'inbox' }
	| { readonly view: 'tasks'; readonly projectId: string | null }
	| { readonly view: 'audit'; readonly messageId?: string; readonly conversationId?: string }
	| { readonly view: 'admin' };

/** Stands where a project's id would, for the tasks of all projects. */
export const MINE = 'mine';

/** The name of a view. */
export type View = Route['view'];

/** href is the address of a route. `parse` undoes it. */
export function href(route: Route): string {
	switch (route.view) {
		case 'chats':
			if (route.target === null) return '#/chats';
			return 'userId' in route.target ? path('chats', 'u', route.target.userId) : path('chats', 'c', route.target.conversationId);
		case 'tasks':
			return route.projectId === null ? '#/tasks' : path('tasks', route.projectId);
		case 'audit':
			if (route.messageId !== undefined) return path('audit', 'm', route.messageId);
			return route.conversationId === undefined ? '#/audit' : path('audit', 'c', route.conversationId);
		default:
			return path(route.view);
	}
}

function path(...parts: readonly string[]): string {
	return `#/${parts.map(encodeURIComponent).join('/')}`;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/; // as the server writes ids, RFC 9562 §4

/** parse reads the part of an address behind the #. Whatever is no place leads to the chats, and what is no id to its view. */
export function parse(hash: string): Route {
	const [view, first, second] = parts(hash);
	const id = second !== undefined && uuid.test(second) ? second : null;
	switch (view) {
		case 'inbox':
		case 'admin':
			return { view };
		case 'tasks':
			return { view, projectId: first !== undefined && (first === MINE || uuid.test(first)) ? first : null };
		case 'audit':
			if (first === 'm' && id !== null) return { view, messageId: id };
			return first === 'c' && id !== null ? { view, conversationId: id } : { view };
		default:
			if (first === 'u' && id !== null) return { view: 'chats', target: { userId: id } };
			return { view: 'chats', target: first === 'c' && id !== null ? { conversationId: id } : null };
	}
}

function parts(hash: string): string[] {
	try {
		return hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
	} catch {
		return []; // a stray per cent sign
	}
}

/** go opens a route; `replace` leaves no step to come back to. */
export function go(route: Route, how: 'push' | 'replace' = 'push'): void {
	const address = href(route);
	if (address === location.hash) return;
	if (how === 'push') {
		location.hash = address;
		return;
	}
	history.replaceState(history.state, '', address);
	dispatchEvent(new HashChangeEvent('hashchange')); // replaceState tells nobody
}

function subscribe(listener: () => void): () => void {
	addEventListener('hashchange', listener);
	return () => removeEventListener('hashchange', listener);
}

let parsed = { hash: '', route: parse('') }; // the last one, so that the same address is the same object

function current(): Route {
	if (parsed.hash !== location.hash) parsed = { hash: location.hash, route: parse(location.hash) };
	return parsed.route;
}

/** useRoute is where one is, and renders again when that changes. */
export function useRoute(): Route {
	return useSyncExternalStore(subscribe, current);
}
