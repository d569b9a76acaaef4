// What the server would never take, told before it is put into the outbox.

import { Trouble } from './errors';

const longest = 10_240;

const blank = /^\p{White_Space}*$/u;
const unfit = /[^\P{Cc}\t\n\r]|\p{Cs}/u; // control characters but these three, and halves of surrogate pairs

/** checkContent throws Trouble for a message without a word or with characters that none may have, and for one over 10,240 bytes of UTF-8. */
export function checkContent(content: string): void {
	if (blank.test(content)) throw refusal('invalid_field', 'There is nothing to send.');
	if (unfit.test(content)) throw refusal('invalid_field', 'The message has a control character, or half of one that takes two: remove it.');
	const length = new TextEncoder().encode(content).length;
	if (length > longest) throw refusal('too_large', `The message has ${length} bytes. ${longest} is the most: send it in parts.`);
}

function refusal(code: string, message: string): Trouble {
	return new Trouble({ code, message, field: 'content', retryAfter: null, status: null });
}
