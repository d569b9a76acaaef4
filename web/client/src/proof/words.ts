// The words of a message (docs/verification.md, 7).

import type { MessageProof } from '../generated/answers';
import { fromHex, hex, utf8, type Bytes } from './bytes';
import { need } from './refused';
import { sha256 } from './sha256';

/** What a message is said to say, with the salt of its hash. */
export interface Words {
	readonly content: Bytes;
	readonly salt: Bytes;
}

/** readWords reads the words of a proof; null where they were erased. Throws Refused when one of content and salt is missing. */
export function readWords({ content, salt }: Pick<MessageProof, 'content' | 'salt'>): Words | null {
	need(content !== undefined && salt !== undefined && (content === null) === (salt === null), 'of content and salt one is missing');
	if (content === null || salt === null) return null;
	need(typeof content === 'string' && typeof salt === 'string' && salt.length === 32, 'the salt is not 16 bytes in hex');
	return { content: utf8(content), salt: fromHex(salt) };
}

/** checkWords rejects with Refused unless SHA-256(salt || content) is the hash, lower-case hex. */
export async function checkWords({ content, salt }: Words, contentHash: string): Promise<void> {
	need(hex(await sha256(salt, content)) === contentHash, 'the words are not the words that were sealed');
}
