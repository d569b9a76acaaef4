// What the server would never take, told before it is put into the outbox.

import { Trouble } from './errors';

const longest = 10_240;

/** checkContent throws Trouble for a message without a word, and for one over 10,240 bytes of UTF-8. */
export function checkContent(content: string): void {
	if (content.trim() === '') throw refusal('invalid_field', 'There is nothing to send.');
	const length = new TextEncoder().encode(content).length;
	if (length > longest) throw refusal('too_large', `The message has ${length} bytes. ${longest} is the most: send it in parts.`);
}

function refusal(code: string, message: string): Trouble {
	return new Trouble({ code, message, field: 'content', retryAfter: null, status: null });
}
