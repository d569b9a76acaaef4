import { expect, test } from 'vitest';
import { oneAtATime } from '../../src/tasks/oneAtATime';

test('what is asked for during a run is one more run, with the greatest position', async () => {
	const runs: number[] = [];
	const ends: (() => void)[] = [];
	const ask = oneAtATime((position) => {
		runs.push(position);
		return new Promise((resolve) => ends.push(resolve));
	});
	const end = async () => {
		ends.shift()?.();
		await Promise.resolve();
		await Promise.resolve();
	};
	ask(1);
	ask(7);
	ask(3);
	expect(runs).toEqual([1]);
	await end();
	expect(runs).toEqual([1, 7]);
	await end();
	expect(runs).toEqual([1, 7]);
	ask(2);
	expect(runs).toEqual([1, 7, 2]);
});
