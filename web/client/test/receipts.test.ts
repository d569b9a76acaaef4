import { expect, test } from 'vitest';
import { memoryStorage } from '../src/memory';
import { createReceipts } from '../src/receipts';

test('each is tried once, however many wait with it', () => {
	let tries = 0;
	const receipts = createReceipts({ storage: memoryStorage(), send: () => (tries += 1) > 0 });
	receipts.begin('u');
	for (let i = 0; i < 1_000; i += 1) receipts.tell('delivered', [`before ${i}`]);
	expect(tries).toBe(0); // nothing can leave before the connection is live
	receipts.connected();
	for (let i = 0; i < 1_000; i += 1) receipts.tell('delivered', [`after ${i}`]);
	expect(tries).toBe(2_000);
});
