import { expect, test } from 'vitest';
import { createBackoff } from '../src/backoff';

test.each([
	['the longest', 1, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
	['the shortest', 0, [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]],
])('delays double up to half a minute: %s', (_, random, delays) => {
	const backoff = createBackoff(500, () => random);
	expect(delays.map(() => backoff.next())).toEqual(delays);
	backoff.reset();
	expect(backoff.next()).toBe(delays[0]);
});

test('two clients come back at different times', () => {
	const [one, other] = [createBackoff(), createBackoff()];
	const delays = (backoff: typeof one) => Array.from({ length: 5 }, () => backoff.next());
	expect(delays(one)).not.toEqual(delays(other));
});
