import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Server, startServer } from '../../../testing/server';
import type { Api } from '../../src/api';
import { createApi } from '../../src/calls';
import { Trouble } from '../../src/errors';
import { createWitness } from '../../src/proof/createwitness';
import type { Witness } from '../../src/proof/witness';
import { createTokens } from '../../src/tokens';
import { createStorage } from './fakelog';

let server: Server;
beforeAll(async () => {
	server = await startServer('--batch-interval=100ms');
});
afterAll(() => server.stop());

function apiOf(token: string, get: typeof fetch = fetch): Api {
	const signal = (): AbortSignal => new AbortController().signal;
	return createApi({ url: server.url, tokens: createTokens(async () => token, signal), fetch: get, signal });
}

/** A witness as a page has it, whose answers may be changed on their way. */
function witnessOf(token: string, storage = createStorage(), get: typeof fetch = fetch): Witness {
	return createWitness({ api: apiOf(token, get), storage });
}

/** send sends a message and returns its id. */
async function send(token: string, conversationId: string): Promise<string> {
	const answer = await fetch(`${server.url}/api/conversations/${conversationId}/messages`, {
		method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: '{"content":"Oak, not pine: Grüße"}',
	});
	return (await answer.json() as { id: string }).id;
}

/** sealed resolves with the verdict on a message, asking again as the server says until it is sealed. */
async function sealed(witness: Witness, messageId: string): ReturnType<Witness['verify']> {
	for (;;) {
		try {
			return await witness.verify(messageId);
		} catch (error) {
			if (!(error instanceof Trouble) || error.status !== 404 || error.retryAfter === null) throw error;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}

it('a real log is verified, followed to its next key, and caught in a lie', async () => {
	const [ann, bob] = [await server.user('Ann'), await server.user('Bob')];
	const api = apiOf(ann.token);
	const { id } = await api.startConversation([bob.id], 'Oak');
	const storage = createStorage();
	const witness = witnessOf(ann.token, storage);
	const first = await sealed(witness, await send(ann.token, id));
	expect(first.verdict.steps.filter(({ ok }) => ok !== true)).toEqual([]);
	const [key] = await witness.keys();

	await server.command('log-key', 'rotate');
	let last = first;
	while (last.verdict.key === key) last = await sealed(witness, await send(ann.token, id));
	expect(last.verdict.ok).toBe(true);
	expect(await witness.keys()).toEqual([last.verdict.key, key]);
	expect(await witness.observe()).toMatchObject({ origin: key?.split('+')[0] });
	expect(witness.contradiction()).toBeNull();

	const lying: typeof fetch = async (...request) => {
		const answer = await fetch(...request);
		if (!String(request[0]).endsWith('/proof')) return answer;
		return new Response((await answer.text()).replace('pine', 'pinf'), { headers: answer.headers });
	};
	const lie = await witnessOf(ann.token, storage, lying).verify(String(last.verdict.event?.payload['message_id']));
	expect(lie.verdict.steps.filter(({ ok }) => ok !== true)).toEqual([
		{ name: 'words', ok: false, detail: 'The words are not the words that were sealed.' },
	]);
});
