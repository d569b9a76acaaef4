// A log in memory that signs, proves, and lies on request. Its proofs are made by the recursive definitions of RFC 6962, not by the
// code under test.

import { createHash } from 'node:crypto';
import { webcrypto } from 'node:crypto';
import { Trouble } from '../../src/errors';
import type { MessageProof } from '../../src/generated/answers';
import type { WitnessOptions } from '../../src/proof/createwitness';
import type { WitnessStorage } from '../../src/proof/witness';

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafOf = (leaf: Uint8Array): Buffer => sha256(Uint8Array.of(0), leaf);

/** A key that signs notes. */
export interface Signer {
	/** The verifier key. */
	readonly verifier: string;
	/** The signature line of a text. */
	line(text: string): Promise<string>;
}

/** createSigner makes a key of this name. */
export async function createSigner(name: string): Promise<Signer> {
	const pair = await webcrypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']) as webcrypto.CryptoKeyPair;
	const encoded = Buffer.concat([Uint8Array.of(1), new Uint8Array(await webcrypto.subtle.exportKey('raw', pair.publicKey))]);
	const id = sha256(Buffer.from(`${name}\n`), encoded).subarray(0, 4);
	return {
		verifier: `${name}+${id.toString('hex')}+${encoded.toString('base64')}`,
		line: async (text) => {
			const signature = await webcrypto.subtle.sign({ name: 'Ed25519' }, pair.privateKey, Buffer.from(text));
			return `\u2014 ${name} ${Buffer.concat([id, new Uint8Array(signature)]).toString('base64')}\n`;
		},
	};
}

/** sign makes a signed note. */
export async function sign(text: string, ...signers: readonly Signer[]): Promise<string> {
	return `${text}\n${(await Promise.all(signers.map((signer) => signer.line(text)))).join('')}`;
}

/** announce makes the note by which one key announces the next. */
export function announce(previous: Signer, next: Signer, ...signers: readonly Signer[]): Promise<string> {
	return sign(`chainmail log key rotation v1\n${previous.verifier}\n${next.verifier}\n`, ...(signers.length > 0 ? signers : [previous, next]));
}

/** The largest power of two below n. */
function split(n: number): number {
	let k = 1;
	while (k * 2 < n) k *= 2;
	return k;
}

/** rootOf is MTH of RFC 6962 §2.1. */
function rootOf(leaves: readonly Buffer[]): Buffer {
	if (leaves.length === 0) return sha256();
	if (leaves.length === 1) return leaves[0] as Buffer;
	const k = split(leaves.length);
	return sha256(Uint8Array.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** pathOf is PATH of RFC 6962 §2.1.1. */
function pathOf(at: number, leaves: readonly Buffer[]): readonly Buffer[] {
	if (leaves.length <= 1) return [];
	const k = split(leaves.length);
	return at < k
		? [...pathOf(at, leaves.slice(0, k)), rootOf(leaves.slice(k))]
		: [...pathOf(at - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}

/** subproofOf is SUBPROOF of RFC 6962 §2.1.2. */
function subproofOf(m: number, leaves: readonly Buffer[], isWhole: boolean): readonly Buffer[] {
	if (m === leaves.length) return isWhole ? [] : [rootOf(leaves)];
	const k = split(leaves.length);
	return m <= k
		? [...subproofOf(m, leaves.slice(0, k), isWhole), rootOf(leaves.slice(k))]
		: [...subproofOf(m - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
}

/** The id of the message at an index. */
export function messageId(index: number): string {
	return `019ddd00-0000-7000-8000-${String(index).padStart(12, '0')}`;
}

const salt = '00112233445566778899aabbccddeeff';

/** contentOf are the words of the message at an index. */
export function contentOf(index: number): string {
	return `Words ${index}, Grüße`;
}

function messageLeaf(index: number, twist: string): Buffer {
	const text = (value: string): Buffer => {
		const bytes = Buffer.from(value);
		const size = Buffer.alloc(4);
		size.writeUInt32BE(bytes.length);
		return Buffer.concat([size, bytes]);
	};
	const long = (value: number): Buffer => {
		const bytes = Buffer.alloc(8);
		bytes.writeBigInt64BE(BigInt(value));
		return bytes;
	};
	const payload = {
		message_id: messageId(index), conversation_id: messageId(0), sender_id: messageId(1),
		content_hash: sha256(Buffer.from(salt, 'hex'), Buffer.from(contentOf(index) + twist)).toString('hex'), risk_score: 0,
	};
	return Buffer.concat([
		Uint8Array.of(1), long(index + 1), Buffer.alloc(16, index + 1), text('conversation-1'), long(index + 1), text('MessageSent'),
		text(JSON.stringify(payload)), text('{"schema_version":1}'), long(1_777_886_000_123_456),
	]);
}

/** A log of messages. */
export interface FakeLog {
	size: number;
	/** Who signs checkpoints. */
	signer: Signer;
	readonly announcements: string[];
	/** What GET /api/log-key says. */
	keys: string;
	checkpoint(): Promise<string>;
	proof(index: number): Promise<MessageProof>;
	readonly api: WitnessOptions['api'];
	/** How often each call was made. */
	readonly calls: Record<string, number>;
}

/** createLog makes one that shows its first `size` of 40 messages. Logs with another twist have other messages from `from` on. */
export function createLog(signer: Signer, size: number, twist = '', from = 0): FakeLog {
	const leaves = Array.from({ length: 40 }, (_, index) => messageLeaf(index, index < from ? '' : twist));
	const hashes = leaves.map(leafOf);
	const base64 = (hash: Buffer): string => hash.toString('base64');
	const called = (name: string): void => {
		log.calls[name] = (log.calls[name] ?? 0) + 1;
	};
	const log: FakeLog = {
		size, signer, announcements: [], keys: `${signer.verifier}\n`, calls: {},
		checkpoint: () => {
			const [origin] = log.signer.verifier.split('+');
			return sign(`${origin}\n${log.size}\n${base64(rootOf(hashes.slice(0, log.size)))}\n`, log.signer);
		},
		proof: async (index) => {
			const checkpoint = await log.checkpoint();
			const path = pathOf(index, hashes.slice(0, log.size)).map(base64);
			const leaf = base64(leaves[index] as Buffer);
			return {
				index, tree_size: log.size, leaf, path, checkpoint, content: contentOf(index) + twist, salt,
				tlog_proof: `${['c2sp.org/tlog-proof@v1', `extra ${leaf}`, `index ${index}`, ...path].join('\n')}\n\n${checkpoint}`,
			};
		},
		api: {
			logKeys: async () => (called('logKeys'), log.keys),
			keyAnnouncements: async () => (called('keyAnnouncements'), log.announcements),
			checkpoint: async () => (called('checkpoint'), log.size === 0 ? Promise.reject(refusal(404)) : log.checkpoint()),
			consistency: async (m, n) => {
				called('consistency');
				if (n > log.size) throw refusal(422);
				return { from: m, to: n, path: subproofOf(m, hashes.slice(0, n), true).map(base64) };
			},
			proof: async (id) => (called('proof'), log.proof(Number(id.slice(-12)))),
		},
	};
	return log;
}

/** refusal is a Trouble with this status. */
export function refusal(status: number): Trouble {
	return new Trouble({ code: 'refused', message: 'Refused.', field: null, retryAfter: null, status });
}

/** createStorage keeps texts in memory. */
export function createStorage(): WitnessStorage & { readonly texts: Map<string, string> } {
	const texts = new Map<string, string>();
	return { texts, get: (name) => texts.get(name) ?? null, set: (name, value) => void texts.set(name, value), remove: (name) => void texts.delete(name) };
}
