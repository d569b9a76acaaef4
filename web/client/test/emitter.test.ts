import { expect, test } from 'vitest';
import { createEmitter } from '../src/emitter';

test('listeners are called in order, each as often as it was added, until they are taken away', () => {
	const emitter = createEmitter<{ tick: number; tock: string }>();
	const heard: string[] = [];
	const listener = (n: number) => heard.push(`a${n}`);
	const off = emitter.on('tick', listener);
	emitter.on('tick', listener);
	emitter.on('tick', (n) => heard.push(`b${n}`));
	emitter.on('tock', (text) => heard.push(text));
	emitter.emit('tick', 1);
	off();
	off();
	emitter.emit('tick', 2);
	emitter.emit('tock', 'c');
	expect(heard).toEqual(['a1', 'a1', 'b1', 'a2', 'b2', 'c']);
});

test('what one listener throws stops no other, and is not swallowed', async () => {
	const emitter = createEmitter<{ tick: number }>();
	const heard: number[] = [];
	emitter.on('tick', () => {
		throw new Error('a listener\'s fault');
	});
	emitter.on('tick', (n) => void heard.push(n));
	const others = process.listeners('uncaughtException');
	process.removeAllListeners('uncaughtException');
	const uncaught = new Promise<Error>((resolve) => process.once('uncaughtException', resolve));
	emitter.emit('tick', 1);
	expect(heard).toEqual([1]);
	expect((await uncaught).message).toBe('a listener\'s fault');
	for (const listener of others) process.on('uncaughtException', listener);
});

test('who is added while an event is told hears the next one', () => {
	const emitter = createEmitter<{ tick: number }>();
	const heard: number[] = [];
	emitter.on('tick', () => emitter.on('tick', (n) => void heard.push(n)));
	emitter.emit('tick', 1);
	emitter.emit('tick', 2);
	expect(heard).toEqual([2]);
});
