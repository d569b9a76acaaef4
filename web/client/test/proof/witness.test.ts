import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createWitness } from '../../src/proof/createwitness';
import { readCheckpoint } from '../../src/proof/checkpoint';
import { announce, contentOf, createLog, createSigner, createStorage, messageId, refusal, type Signer } from './fakelog';

const origin = 'chat.example/log';
let first: Signer;
let second: Signer;
let stranger: Signer;

beforeAll(async () => {
	[first, second, stranger] = await Promise.all([createSigner(origin), createSigner(origin), createSigner(origin)]);
});

const contradicted = { code: 'contradicted' };
const stale = { code: 'stale' };

describe('a log that keeps its word', () => {
	it('is followed as it grows', async () => {
		const log = createLog(first, 3);
		const storage = createStorage();
		const witness = createWitness({ api: log.api, storage });
		const listener = vi.fn();
		witness.subscribe(listener);
		expect(witness.last()).toBeNull();
		for (const size of [3, 3, 4, 7, 8, 21, 40]) {
			log.size = size;
			expect((await witness.observe())?.treeSize).toBe(size);
			expect(witness.last()).toBe(witness.last());
		}
		expect(witness.record()).toMatchObject({ checkpoints: 6, last: { treeSize: 40, origin } });
		expect(witness.contradiction()).toBeNull();
		expect(listener).toHaveBeenCalledTimes(7);
		expect(createWitness({ api: log.api, storage }).last()).toEqual(witness.last());
		expect(log.calls).toMatchObject({ logKeys: 1, checkpoint: 7, consistency: 5 });
		expect(log.calls['keyAnnouncements']).toBeUndefined();
	});

	it('may be empty at first', async () => {
		const log = createLog(first, 0);
		const witness = createWitness({ api: log.api, storage: createStorage() });
		expect(await witness.observe()).toBeNull();
		log.size = 5;
		expect(await witness.observe()).toMatchObject({ treeSize: 5 });
	});

	it('may have a server that lags, while another knows the larger tree', async () => {
		const log = createLog(first, 30);
		const witness = createWitness({ api: log.api, storage: createStorage() });
		await witness.observe();
		const older = await createLog(first, 20).checkpoint();
		for (let again = 0; again < 5; again++) {
			const lagging = createWitness({ api: { ...log.api, checkpoint: async () => older }, storage: createStorage() });
			expect(await lagging.observe()).toMatchObject({ treeSize: 20 });
		}
		log.api.checkpoint = async () => older;
		for (let again = 0; again < 5; again++) expect(await witness.observe()).toMatchObject({ treeSize: 30 });
		expect(witness.contradiction()).toBeNull();
	});

	it('is seen by two tabs, of which one is overtaken while it asks', async () => {
		const storage = createStorage();
		const log = createLog(first, 5);
		const [slow, fast] = [createWitness({ api: log.api, storage }), createWitness({ api: log.api, storage })];
		await slow.observe();
		log.size = 9;
		const consistency = log.api.consistency;
		log.api.consistency = async (from, to) => {
			log.api.consistency = consistency;
			const proof = await consistency(from, to);
			log.size = 17;
			await fast.observe();
			return proof;
		};
		expect(await slow.observe()).toMatchObject({ treeSize: 17 });
		expect(slow.last()).toEqual(fast.last());
		expect(slow.contradiction()).toBeNull();
	});
});

describe('a log that contradicts itself', () => {
	it.each([['with the same size', 12], ['with a larger tree', 30]])('is forked %s: both notes are kept', async (_, size) => {
		const log = createLog(first, 12);
		const storage = createStorage();
		const witness = createWitness({ api: log.api, storage });
		await witness.observe();
		const before = witness.last()?.note;
		const forged = createLog(first, size, '!', 6);
		const later = createWitness({ api: forged.api, storage });
		await expect(later.observe()).rejects.toMatchObject(contradicted);
		const found = witness.contradiction();
		expect(found).toMatchObject({ kind: 'forked', before });
		expect(readCheckpoint(found?.after ?? '').treeSize).toBe(size);
		expect(witness.last()?.note).toBe(before);

		await expect(witness.observe()).rejects.toMatchObject(contradicted); // also when it is as it was
		const other = createLog(first, 35, '?', 2);
		await expect(createWitness({ api: other.api, storage }).observe()).rejects.toMatchObject(contradicted);
		expect(witness.contradiction()).toEqual(found);

		witness.forget();
		expect(witness.contradiction()).toBeNull();
		expect(await later.observe()).toMatchObject({ treeSize: size });
	});

	it('is forked when the smaller tree is not the beginning of what was seen', async () => {
		const log = createLog(first, 12);
		const witness = createWitness({ api: log.api, storage: createStorage() });
		await witness.observe();
		log.api.checkpoint = createLog(first, 8, '!', 6).checkpoint;
		await expect(witness.observe()).rejects.toMatchObject(contradicted);
		expect(witness.contradiction()).toMatchObject({ kind: 'forked' });
	});

	it('has shrunk when it stays smaller', async () => {
		const log = createLog(first, 12);
		const witness = createWitness({ api: log.api, storage: createStorage() });
		await witness.observe();
		log.size = 9;
		await expect(witness.observe()).rejects.toMatchObject(stale);
		log.size = 12;
		await witness.observe();
		log.size = 9;
		for (let again = 0; again < 2; again++) await expect(witness.observe()).rejects.toMatchObject(stale);
		expect(witness.contradiction()).toBeNull();
		await expect(witness.observe()).rejects.toMatchObject(contradicted);
		expect(witness.contradiction()).toMatchObject({ kind: 'shrunk' });
	});

	it('has shrunk when nothing of it is left', async () => {
		const log = createLog(first, 12);
		const witness = createWitness({ api: log.api, storage: createStorage() });
		await witness.observe();
		log.size = 0;
		for (let again = 0; again < 2; again++) await expect(witness.observe()).rejects.toMatchObject(stale);
		await expect(witness.observe()).rejects.toMatchObject(contradicted);
		expect(witness.contradiction()).toMatchObject({ kind: 'shrunk', after: '' });
	});

	it('has shrunk when all that is signed is an empty tree', async () => {
		const log = createLog(first, 0);
		const witness = createWitness({ api: { ...log.api, checkpoint: log.checkpoint }, storage: createStorage() });
		expect(await witness.observe()).toMatchObject({ treeSize: 0 });
		log.size = 12;
		expect(await witness.observe()).toMatchObject({ treeSize: 12 });
		log.size = 0;
		for (let again = 0; again < 2; again++) await expect(witness.observe()).rejects.toMatchObject(stale);
		await expect(witness.observe()).rejects.toMatchObject(contradicted);
		expect(witness.contradiction()).toMatchObject({ kind: 'shrunk' });
	});

	it('is not held to an answer that did not come', async () => {
		const log = createLog(first, 12);
		const witness = createWitness({ api: log.api, storage: createStorage() });
		await witness.observe();
		log.size = 20;
		log.api.consistency = async () => Promise.reject(refusal(503));
		for (let again = 0; again < 5; again++) await expect(witness.observe()).rejects.toMatchObject({ status: 503 });
		expect(witness.contradiction()).toBeNull();
		expect(witness.last()).toMatchObject({ treeSize: 12 });
	});
});

describe('the keys', () => {
	it('are pinned at the first meeting: a foreign one is a contradiction', async () => {
		const log = createLog(first, 12);
		const storage = createStorage();
		const witness = createWitness({ api: log.api, storage });
		expect(await witness.keys()).toEqual([first.verifier]);
		Object.assign(log, { signer: stranger, keys: `${stranger.verifier}\n`, announcements: [await announce(stranger, first), await announce(second, stranger), await announce(first, stranger, stranger)] });
		await expect(createWitness({ api: log.api, storage }).observe()).rejects.toMatchObject(contradicted);
		expect(witness.contradiction()).toMatchObject({ kind: 'foreign_key', before: `${first.verifier}\n` });
		expect(await witness.keys()).toEqual([first.verifier]);
	});

	it.each(['pinned', 'given'])('that are %s are followed to those that they announce', async (how) => {
		const log = createLog(first, 12);
		const storage = createStorage();
		const witness = createWitness({ api: log.api, storage, ...(how === 'given' ? { keys: [first.verifier] } : {}) });
		await witness.observe();
		log.size = 20;
		log.signer = second;
		log.announcements.push('nonsense', await announce(stranger, second), await announce(first, second));
		expect(await witness.observe()).toMatchObject({ treeSize: 20 });
		expect(await witness.keys()).toEqual([second.verifier, first.verifier]);
		log.size = 30;
		await witness.observe();
		expect(log.calls['keyAnnouncements']).toBe(1);
		expect(storage.texts.has('keys')).toBe(how === 'pinned');
	});

	it('that were given count alone', async () => {
		const log = createLog(stranger, 12);
		const witness = createWitness({ api: log.api, storage: createStorage(), keys: [first.verifier] });
		await expect(witness.observe()).rejects.toMatchObject(contradicted);
		expect(log.calls['logKeys']).toBeUndefined();
		expect((await witness.verify(messageId(3))).verdict.ok).toBe(false);
	});

	it('have to be keys, and of one log', async () => {
		const log = createLog(first, 12);
		for (const keys of ['', 'nonsense\n', `${first.verifier}\n${(await createSigner('other.example')).verifier}\n`]) {
			log.keys = keys;
			await expect(createWitness({ api: log.api, storage: createStorage() }).keys()).rejects.toMatchObject({ code: 'unexpected' });
		}
	});
});

it('a contradiction that another tab has found meanwhile is not overwritten', async () => {
	const storage = createStorage();
	const log = createLog(first, 12);
	await createWitness({ api: log.api, storage }).observe();
	const [one, two] = [createLog(first, 20, '!', 6), createLog(first, 30, '?', 6)];
	const witness = createWitness({ api: one.api, storage });
	const consistency = one.api.consistency;
	one.api.consistency = async (from, to) => {
		await expect(createWitness({ api: two.api, storage }).observe()).rejects.toMatchObject(contradicted);
		return consistency(from, to);
	};
	await expect(witness.observe()).rejects.toMatchObject(contradicted);
	expect(readCheckpoint(witness.contradiction()?.after ?? '').treeSize).toBe(30);
});

describe('a message', () => {
	it('is verified step by step, and its tree kept', async () => {
		const log = createLog(first, 12);
		const witness = createWitness({ api: log.api, storage: createStorage() });
		const seen: string[] = [];
		const { proof, verdict } = await witness.verify(messageId(5), (sofar) => seen.push(`${sofar.steps.length} ${sofar.path.length}`));
		expect(verdict.steps.map(({ name, ok }) => [name, ok])).toEqual(
			['form', 'checkpoint', 'leaf', 'path', 'words', 'history'].map((name) => [name, true]));
		expect(verdict).toMatchObject({ ok: true, index: 5, treeSize: 12, key: first.verifier, event: { type: 'MessageSent', recordedAt: '2026-05-04T09:13:20.123456Z' } });
		expect(proof.content).toBe(contentOf(5));
		expect(seen).toEqual(['1 0', '2 0', '3 0', '3 1', '3 2', '3 3', '3 4', '4 4', '5 4', '6 4']);
		expect(witness.last()).toMatchObject({ treeSize: 12 });
	});

	it('without its words, which were erased, has no step for them', async () => {
		const log = createLog(first, 12);
		log.api.proof = async (id) => ({ ...await log.proof(Number(id.slice(-12))), content: null, salt: null });
		const { verdict } = await createWitness({ api: log.api, storage: createStorage() }).verify(messageId(5));
		expect(verdict.ok).toBe(true);
		expect(verdict.steps.map(({ name }) => name)).not.toContain('words');
	});

	it('in a tree that forks from what was seen is found out by its history alone', async () => {
		const storage = createStorage();
		await createWitness({ api: createLog(first, 12).api, storage }).observe();
		const forged = createWitness({ api: createLog(first, 20, '!', 6).api, storage });
		const { verdict } = await forged.verify(messageId(7));
		expect(verdict.steps.filter(({ ok }) => ok !== true).map(({ name }) => name)).toEqual(['history']);
		expect(verdict.ok).toBe(false);
		expect(forged.contradiction()).toMatchObject({ kind: 'forked' });
	});
});
