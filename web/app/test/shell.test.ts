import { describe, expect, test } from 'vitest';
import { deviceOf } from '../src/shell/device';
import { endingOf, waitingWords } from '../src/shell/endings';
import { pageTitle, unreadMessages } from '../src/shell/unread';
import { sentence } from '../src/ui/troubleText';

describe('endings', () => {
	test.each([
		['session ended', 'sign_in', /session was ended/],
		['token invalid', 'sign_in', /does not know this login/],
		['user not found or inactive', 'sign_in', /not active/],
		['too many connections', 'reconnect', /too many/],
		['This link has expired.', 'sign_in', /^This link has expired\.$/],
		['the server closed the connection (1002)', 'reconnect', /^The server closed the connection \(1002\)\.$/],
		[null, 'reconnect', /has ended/],
	])('%s', (reason, remedy, title) => {
		expect(endingOf(reason).remedy).toBe(remedy);
		expect(endingOf(reason).title).toMatch(title);
	});
});

test('what the server says is a sentence', () => {
	expect(['you do not take part', 'Try again.', 'why?'].map(sentence)).toEqual(['You do not take part.', 'Try again.', 'Why?']);
});

test('what waits, in words', () => {
	expect([0, 1, 3].map(waitingWords)).toEqual(['', '1 message waits to be sent.', '3 messages wait to be sent.']);
});

test('the title counts what is unread', () => {
	expect([0, 3, 250].map(pageTitle)).toEqual(['Chainmail', '(3) Chainmail', '(99+) Chainmail']);
	expect(unreadMessages(null)).toBe(0);
});

test.each([
	['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
	['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0', 'Edge on Windows'],
	['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1', 'Safari on iPhone'],
	['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36', 'Chrome on Android'],
	['curl/8.5.0', 'curl/8.5.0'],
	['', 'Unknown program'],
])('the device of %s', (userAgent, want) => expect(deviceOf(userAgent)).toBe(want));
