// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { go, href, parse, type Route, useRoute } from '../src/router';

const id = '0190b5d2-7c00-7a11-8000-00000000a11c';

beforeEach(() => history.replaceState(null, '', '/'));
afterEach(cleanup);

describe('addresses', () => {
	const routes: readonly (readonly [string, Route])[] = [
		['#/chats', { view: 'chats', target: null }],
		[`#/chats/c/${id}`, { view: 'chats', target: { conversationId: id } }],
		[`#/chats/u/${id}`, { view: 'chats', target: { userId: id } }],
		['#/inbox', { view: 'inbox' }],
		['#/tasks', { view: 'tasks', projectId: null }],
		[`#/tasks/${id}`, { view: 'tasks', projectId: id }],
		['#/tasks/mine', { view: 'tasks', projectId: 'mine' }],
		['#/audit', { view: 'audit' }],
		[`#/audit/m/${id}`, { view: 'audit', messageId: id }],
		[`#/audit/c/${id}`, { view: 'audit', conversationId: id }],
		['#/admin', { view: 'admin' }],
	];
	test.each(routes)('%s there and back', (address, route) => {
		expect(href(route)).toBe(address);
		expect(parse(address)).toEqual(route);
	});

	test.each(['', '#', '#/', '#/nowhere', '#/chats/x/1', '#/chats/c', '#/chats/c/', '#/chats/c/nope', '#/chats/u/nope', '#/%E0%A4%A', '#token=abc'])('%s is no place: the chats', (address) => {
		expect(parse(address)).toEqual({ view: 'chats', target: null });
	});

	test.each(['#/tasks/a', `#/tasks/${id}0`, '#/tasks/%2e%2e'])('%s has no id of a project', (address) => {
		expect(parse(address)).toEqual({ view: 'tasks', projectId: null });
	});

	test.each(['#/audit/m/a', '#/audit/c/', `#/audit/c/${id.toUpperCase()}`])('%s has no id of what to audit', (address) => {
		expect(parse(address)).toEqual({ view: 'audit' });
	});
});

function Where() {
	return <p>{href(useRoute())}</p>;
}

describe('going', () => {
	test('push leaves a step to come back to, replace does not', async () => {
		render(<Where />);
		const before = history.length;
		act(() => go({ view: 'inbox' }, 'replace'));
		expect(screen.getByText('#/inbox')).toBeTruthy();
		expect(history.length).toBe(before);
		const moved = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
		await act(async () => {
			go({ view: 'admin' });
			await moved;
		});
		expect(screen.getByText('#/admin')).toBeTruthy();
		expect(history.length).toBe(before + 1);
	});
});
