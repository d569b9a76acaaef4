// How long a message may be.

/** The most bytes of UTF-8 that the server takes as a message. */
export const byteLimit = 10_240;

/** The left-over bytes from which on the composer shows how many there are. */
export const byteWarning = 1_000;

const encoder = new TextEncoder();

/** bytesLeft returns how many bytes of UTF-8 may still be added to a text; negative when it is too long. */
export function bytesLeft(text: string): number {
	return byteLimit - encoder.encode(text).length;
}

/** sendable says whether the server would take the text, as far as its length and being more than white space go. */
export function sendable(text: string): boolean {
	return text.trim() !== '' && bytesLeft(text) >= 0;
}
