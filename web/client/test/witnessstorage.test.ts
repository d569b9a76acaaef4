import { afterEach, expect, test, vi } from 'vitest';
import { witnessStorage } from '../src/witnessstorage';

afterEach(() => void vi.unstubAllGlobals());

test('a browser that forbids its storage leaves the memory', () => {
	vi.stubGlobal('window', { get localStorage(): Storage { throw new DOMException('no', 'SecurityError'); } });
	const storage = witnessStorage('https://chat.example');
	storage.set('record', 'one');
	expect(storage.get('record')).toBe('one');
});

test('what did not fit once does not hide what came after', () => {
	const kept = new Map<string, string>();
	let full = true;
	vi.stubGlobal('window', { localStorage: {
		getItem: (name: string) => kept.get(name) ?? null,
		setItem(name: string, value: string) {
			if (full) throw new DOMException('full', 'QuotaExceededError');
			kept.set(name, value);
		},
		removeItem: (name: string) => void kept.delete(name),
	} });
	const storage = witnessStorage('https://chat.example');
	storage.set('record', 'one');
	expect(storage.get('record')).toBe('one');
	full = false;
	storage.set('record', 'two');
	expect(storage.get('record')).toBe('two');
	expect([...kept]).toEqual([['chainmail https://chat.example record', 'two']]);
});
