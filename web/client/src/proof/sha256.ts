import { concat, type Bytes } from './bytes';
import { cryptography } from './ed25519';

/** sha256 hashes the parts, one after the other. Rejects with Trouble (`cannot_verify`) where there is no WebCrypto. */
export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
	return new Uint8Array(await cryptography().digest('SHA-256', concat(...parts)));
}
