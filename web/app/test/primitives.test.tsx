// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Avatar, hueOf, initials } from '../src/ui/Avatar';
import { Button } from '../src/ui/Button';
import { Menu } from '../src/ui/Menu';
import { Tabs } from '../src/ui/Tabs';
import { TextField } from '../src/ui/Field';
import { TimeAgo } from '../src/ui/TimeAgo';
import { type Toast, ToastProvider, useToast } from '../src/ui/toasts';

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 0, 5, 12) }));
afterEach(() => {
	cleanup();
	vi.useRealTimers();
});

describe('avatars', () => {
	test.each([['Alice', 'A'], ['Ada King Lovelace', 'AL'], ['  ', '?'], ['0xf39Fd6e5…', 'f3'], ['Émile zola', 'ÉZ'], ['🦊 fox', '🦊F']])('%s', (name, want) => {
		expect(initials(name)).toBe(want);
	});

	test('the colour follows from the id, and all are used', () => {
		expect(hueOf('alice')).toBe(hueOf('alice'));
		const hues = new Set(Array.from({ length: 200 }, (_, i) => hueOf(`0190b5d2-7c00-7a11-8000-${i}`)));
		expect([...hues].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
	});

	test('who is online is said', () => {
		render(<Avatar id="a" name="Alice" online />);
		expect(screen.getByText('online')).toBeTruthy();
	});
});

test('a busy button does nothing, but keeps the focus', () => {
	const pressed = vi.fn();
	const { rerender } = render(<Button onClick={pressed}>Save</Button>);
	const button = screen.getByRole('button');
	button.focus();
	rerender(<Button busy onClick={pressed}>Save</Button>);
	fireEvent.click(button);
	expect(pressed).not.toHaveBeenCalled();
	expect(document.activeElement).toBe(button);
});

test('a field tells what is wrong, bound to its control', () => {
	render(<TextField label="Name" hint="As others see it" error="Too long" />);
	const field = screen.getByLabelText('Name');
	expect(field.getAttribute('aria-invalid')).toBe('true');
	expect(document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent).toBe('Too long');
});

describe('menu', () => {
	const chosen = vi.fn();
	const items = [
		{ label: 'One', onSelect: () => chosen('One') }, { label: 'Never', disabled: true, onSelect: () => chosen('Never') },
		{ label: 'Two', onSelect: () => chosen('Two') },
	];
	const focused = (): string | null | undefined => document.activeElement?.textContent;
	const press = (key: string): void => void fireEvent.keyDown(document.activeElement ?? document.body, { key });

	beforeEach(() => {
		chosen.mockClear();
		render(<Menu label="More" items={items} />);
		screen.getByRole('button', { name: 'More' }).focus();
		press('ArrowDown');
	});

	test('opens on its first item; arrows go round and leave out what is disabled', () => {
		expect(focused()).toBe('One');
		press('ArrowDown');
		expect(focused()).toBe('Two');
		press('ArrowDown');
		expect(focused()).toBe('One');
		press('ArrowUp');
		expect(focused()).toBe('Two');
		press('Home');
		expect(focused()).toBe('One');
		press('End');
		expect(focused()).toBe('Two');
	});

	test('Escape closes it and gives the focus back', () => {
		press('Escape');
		expect(screen.queryByRole('menu')).toBeNull();
		expect(document.activeElement).toBe(screen.getByRole('button', { name: 'More' }));
	});

	test('a choice closes it', () => {
		fireEvent.click(screen.getByText('Two'));
		expect(chosen.mock.calls).toEqual([['Two']]);
		expect(screen.queryByRole('menu')).toBeNull();
	});

	test('so does a press beside it', () => {
		fireEvent(document.body, new Event('pointerdown', { bubbles: true }));
		expect(screen.queryByRole('menu')).toBeNull();
	});
});

test('tabs: arrows select, and only the selected one is in the order of Tab', () => {
	function Two() {
		const [selected, select] = useState<'a' | 'b'>('a');
		return <Tabs label="Kind" tabs={[{ id: 'a', label: 'A' }, { id: 'b', label: 'B', count: 3 }]} selected={selected} onSelect={select}>{selected} is here</Tabs>;
	}
	render(<Two />);
	fireEvent.keyDown(screen.getByRole('tab', { selected: true }), { key: 'ArrowLeft' });
	const tab = screen.getByRole('tab', { selected: true });
	expect(tab.textContent).toContain('B');
	expect(document.activeElement).toBe(tab);
	expect(screen.getByRole('tabpanel').textContent).toBe('b is here');
	expect(screen.getAllByRole('tab').map(({ tabIndex }) => tabIndex)).toEqual([-1, 0]);
});

test('how long ago stays true while it is shown, and no clock runs afterwards', () => {
	const { unmount } = render(<TimeAgo at="2026-01-05T11:59:30Z" />);
	expect(screen.getByText('just now')).toBeTruthy();
	act(() => vi.advanceTimersByTime(60_000));
	expect(screen.getByText('1 minute ago')).toBeTruthy();
	unmount();
	expect(vi.getTimerCount()).toBe(0);
});

describe('toasts', () => {
	let toast: (toast: Toast) => void;
	function Teller() {
		toast = useToast();
		return null;
	}
	const titles = (): (string | null | undefined)[] => screen.queryAllByRole('listitem').map((item) => item.querySelector('strong')?.textContent);
	beforeEach(() => void render(<ToastProvider><Teller /></ToastProvider>));

	test('of more than four the oldest goes', () => {
		act(() => ['1', '2', '3', '4', '5'].forEach((title) => toast({ title })));
		expect(titles()).toEqual(['2', '3', '4', '5']);
	});

	test('one goes by itself, but not under the pointer', () => {
		act(() => toast({ title: 'Saved' }));
		fireEvent.mouseEnter(screen.getByRole('listitem'));
		act(() => vi.advanceTimersByTime(60_000));
		expect(titles()).toEqual(['Saved']);
		fireEvent.mouseLeave(screen.getByRole('listitem'));
		act(() => vi.advanceTimersByTime(6_000));
		expect(titles()).toEqual([]);
		expect(vi.getTimerCount()).toBe(0);
	});

	test('one can be dismissed, and others stay', () => {
		act(() => ['1', '2'].forEach((title) => toast({ title })));
		fireEvent.click(screen.getAllByRole('button', { name: 'Dismiss' })[0] ?? document.body);
		expect(titles()).toEqual(['2']);
	});

	test('one goes once the place that it leads to is open', () => {
		act(() => toast({ title: 'Paid', link: { href: '#/inbox', label: 'Open the inbox' } }));
		act(() => toast({ title: 'Saved' }));
		history.replaceState(null, '', '#/inbox');
		act(() => void dispatchEvent(new HashChangeEvent('hashchange')));
		expect(titles()).toEqual(['Saved']);
	});

	test('a link to another site opens apart from the page', () => {
		act(() => toast({ title: 'Paid', link: { href: 'https://example.org', label: 'See' } }));
		expect(screen.getByRole('link', { name: 'See' }).getAttribute('target')).toBe('_blank');
	});
});
