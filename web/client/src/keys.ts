// Names that nobody else chooses.

/** newKey returns 32 random hex digits. It works in pages without HTTPS too, where crypto.randomUUID does not. */
export function newKey(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
