import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as Ed25519 from '../../src/proof/ed25519';

// RFC 8032 §7.1, test 2.
const key = bytes('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
const signature = bytes(
	'92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00');
const message = bytes('72');

function bytes(text: string): Uint8Array<ArrayBuffer> {
	return new Uint8Array(Buffer.from(text, 'hex'));
}

let isSigned: typeof Ed25519.isSigned;

beforeEach(async () => {
	vi.resetModules(); // it tries the browser once, and remembers
	({ isSigned } = await import('../../src/proof/ed25519'));
});
afterEach(() => vi.unstubAllGlobals());
afterAll(() => vi.resetModules());

it('takes the signature of the standard, and none with a bit changed, wherever it is', async () => {
	expect(await isSigned(key, signature, message)).toBe(true);
	expect(await isSigned(key, signature, bytes('73'))).toBe(false);
	expect(await isSigned(key, signature.slice(1), message)).toBe(false);
	for (let at = 0; at < 512; at += 3) {
		const changed = signature.slice();
		changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
		expect(await isSigned(key, changed, message), `bit ${at}`).toBe(false);
	}
});

it('refuses S + L where WebCrypto would not', async () => {
	const subtle = globalThis.crypto.subtle;
	const verify = async (...given: Parameters<SubtleCrypto['verify']>): Promise<boolean> =>
		(given[3] as Uint8Array)[0] === 0x72 || subtle.verify(...given); // takes whatever stands under this message
	vi.stubGlobal('crypto', { subtle: { importKey: subtle.importKey.bind(subtle), verify } });
	const order = bytes('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
	const larger = signature.slice();
	let carry = 0;
	for (let at = 0; at < 32; at++) {
		const sum = (signature[32 + at] ?? 0) + (order[at] ?? 0) + carry;
		larger[32 + at] = sum & 0xff;
		carry = sum >> 8;
	}
	expect(await isSigned(key, signature, message)).toBe(true);
	expect(await isSigned(key, larger, message)).toBe(false);
	expect(await isSigned(key, new Uint8Array([...signature.slice(0, 32), ...order]), message)).toBe(false);
});

it('says that it cannot verify where a page is no secure context', async () => {
	vi.stubGlobal('crypto', {});
	await expect(isSigned(key, signature, message)).rejects.toMatchObject({ code: 'cannot_verify' });
});

it.each([
	['has no Ed25519', async () => Promise.reject(new DOMException('', 'NotSupportedError'))],
	['takes every signature', async () => true],
])('says that it cannot verify where WebCrypto %s', async (_, verify) => {
	const subtle = globalThis.crypto.subtle;
	vi.stubGlobal('crypto', { subtle: { importKey: subtle.importKey.bind(subtle), verify } });
	await expect(isSigned(key, signature, message)).rejects.toMatchObject({ code: 'cannot_verify' });
});
