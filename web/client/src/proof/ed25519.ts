// Ed25519 by WebCrypto.

import { Trouble } from '../errors';
import { fromHex, type Bytes } from './bytes';

/** cryptography returns WebCrypto. Throws Trouble (`cannot_verify`) on a page that is no secure context, where there is none. */
export function cryptography(): SubtleCrypto {
	const subtle = (globalThis.crypto as Crypto | undefined)?.subtle as SubtleCrypto | undefined;
	if (subtle === undefined) {
		throw cannotVerify('Proofs can only be checked on a page that came over https, or from this machine: open it over https.');
	}
	return subtle;
}

/** The group's order L, little-endian (RFC 8032 §5.1). */
const order = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

/**
 * isSigned reports whether this is the key's signature over the message (RFC 8032 §5.1.7). That S is below the order is looked at
 * here, since not
 * every implementation does. Rejects with Trouble (`cannot_verify`) where this browser has no Ed25519.
 */
export async function isSigned(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
	await haveEd25519();
	if (signature.length !== 64 || !isBelowOrder(signature.subarray(32))) return false;
	return verifies(publicKey, signature, message);
}

function isBelowOrder(scalar: Uint8Array): boolean {
	for (let at = 31; at >= 0; at--) {
		const [digit, bound] = [scalar[at] ?? 0, order[at] ?? 0];
		if (digit !== bound) return digit < bound;
	}
	return false;
}

async function verifies(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
	const subtle = cryptography();
	try {
		const key = await subtle.importKey('raw', publicKey, { name: 'Ed25519' }, false, ['verify']);
		return await subtle.verify({ name: 'Ed25519' }, key, signature, message);
	} catch {
		return false; // a key that is no point of the curve
	}
}

let tested: Promise<boolean> | null = null;

/** haveEd25519 tries RFC 8032 §7.1 test 1 once, right and wrong: what fails afterwards is then the signature's fault. */
async function haveEd25519(): Promise<void> {
	const key = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
	const signature = fromHex(
		'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b');
	tested ??= Promise.all([verifies(key, signature, new Uint8Array()), verifies(key, signature, new Uint8Array(1))])
		.then(([right, wrong]) => right && !wrong);
	if (!(await tested)) {
		throw cannotVerify('This browser cannot check Ed25519 signatures: a newer one can, and so can chainmail verify.');
	}
}

function cannotVerify(message: string): Trouble {
	return new Trouble({ code: 'cannot_verify', message, field: null, retryAfter: null, status: null });
}
