// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const system = Object.assign(new EventTarget(), { matches: false });
vi.stubGlobal('matchMedia', () => system);
const { chooseTheme, chosenTheme, followTheme, useTheme } = await import('../src/theme');

let stop = (): void => undefined;
beforeEach(() => {
	localStorage.clear();
	system.matches = false;
	stop = followTheme();
});
afterEach(() => {
	stop();
	cleanup();
});

const shown = (): string | undefined => document.documentElement.dataset['theme'];

test('is the system’s until one is chosen, and follows it', () => {
	expect(shown()).toBe('light');
	system.matches = true;
	system.dispatchEvent(new Event('change'));
	expect(shown()).toBe('dark');
});

test('a choice is kept, and the system has no say any more', () => {
	chooseTheme('light');
	system.matches = true;
	system.dispatchEvent(new Event('change'));
	expect(shown()).toBe('light');
	expect(chosenTheme()).toBe('light');
	chooseTheme('system');
	expect(shown()).toBe('dark');
});

test('another tab’s choice is seen here', () => {
	render(<Chosen />);
	localStorage.setItem('chainmail.theme', 'dark');
	act(() => void dispatchEvent(new StorageEvent('storage', { key: 'chainmail.theme' })));
	expect(shown()).toBe('dark');
	expect(screen.getByText('dark')).toBeTruthy();
});

test('what was kept and means nothing is as if nothing was', () => {
	localStorage.setItem('chainmail.theme', 'purple');
	expect(chosenTheme()).toBe('system');
});

test('where the browser keeps nothing the page works all the same', () => {
	const refuse = vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
		throw new DOMException('no', 'SecurityError');
	});
	expect(chosenTheme()).toBe('system');
	refuse.mockRestore();
});

function Chosen() {
	return <p>{useTheme()}</p>;
}
