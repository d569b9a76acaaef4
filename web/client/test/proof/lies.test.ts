import { expect, it } from 'vitest';
import { Trouble } from '../../src/errors';
import type { MessageProof } from '../../src/generated/answers';
import { createWitness } from '../../src/proof/createwitness';
import { createLog, createSigner, createStorage, messageId } from './fakelog';

/** How many flips are tried: each bit of the answer is as likely, and the same ones are tried each time. */
const tries = 200;

// The lie goes the way of a real one: the bytes of the answer are changed, and what reads them is the reader of a page.
it('a server that flips one bit of a proof is caught, wherever it is', async () => {
	const log = createLog(await createSigner('chat.example/log'), 12);
	const honest = new TextEncoder().encode(JSON.stringify(await log.proof(5)));
	const storage = createStorage();
	await createWitness({ api: log.api, storage }).observe();
	const bits = honest.length * 8;
	const unseen: string[] = [];
	let unread = 0;
	for (let n = 0; n < tries; n++) {
		const at = (n * 7919) % bits; // a prime: no two tries are the same
		const lying: typeof fetch = async () => {
			const bytes = honest.slice();
			bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7));
			return new Response(bytes);
		};
		const witness = createWitness({ api: { ...log.api, proof: () => fetched(lying) }, storage });
		try {
			if ((await witness.verify(messageId(5))).verdict.ok) unseen.push(`bit ${at}`);
		} catch (error) {
			if (!(error instanceof Trouble) || error.code !== 'unexpected') throw error;
			unread++;
		}
	}
	expect(unseen).toEqual([]);
	expect(unread).toBeGreaterThan(0);
	expect(unread).toBeLessThan(tries / 2);
	expect(createWitness({ api: log.api, storage }).contradiction()).toBeNull(); // an answer that was changed on its way says nothing of the log
});

/** fetched reads a proof as the HTTP API's client does. */
async function fetched(get: typeof fetch): Promise<MessageProof> {
	const answer = await get('/api/messages/id/proof');
	try {
		return await answer.json() as MessageProof;
	} catch {
		throw new Trouble({ code: 'unexpected', message: 'No JSON.', field: null, retryAfter: null, status: answer.status });
	}
}
