import { expect, test } from 'vitest';
import { byteLimit, bytesLeft, sendable } from '../../src/chat/length';
import { reasonText, reasonTexts } from '../../src/chat/reasons';
import { tickOf, tickText } from '../../src/chat/ticks';
import { draft, me, message } from './entries';

test('length is counted in bytes of UTF-8', () => {
	expect(bytesLeft('')).toBe(byteLimit);
	expect(bytesLeft('ü€😀')).toBe(byteLimit - 2 - 3 - 4);
	expect(bytesLeft('a'.repeat(byteLimit))).toBe(0);
	expect(bytesLeft('ü'.repeat(byteLimit / 2 + 1))).toBe(-2);
});

test('what is too long or only white space is not sendable', () => {
	expect(sendable(' \n\t')).toBe(false);
	expect(sendable('a')).toBe(true);
	expect(sendable('a'.repeat(byteLimit))).toBe(true);
	expect(sendable('a'.repeat(byteLimit + 1))).toBe(false);
});

test('reasons are sentences, also those of rules that nobody here knows', () => {
	expect(reasonText('recovery_phrase_request')).toMatch(/recovery phrase/);
	expect(reasonText('our_own-rule')).toBe('Our own rule.');
	expect(reasonText('constructor')).toBe('Constructor.');
	expect(reasonText('')).toBe('A rule without a name.');
	expect(reasonTexts(['recovery_phrase_request', 'recovery_phrase_request_other_languages', 'prize'], '')).toHaveLength(2);
	expect(reasonTexts(['prize', 'threat'], 'Your message was not sent. It tells of a prize. Nobody has won it.')).toEqual([reasonText('threat')]);
});

test('ticks say how far a message has come', () => {
	expect(tickOf(draft('a', '2026-03-01T12:00:00Z'))).toBe('waiting');
	expect(tickOf(message(2, me, '2026-03-01T12:00:00Z', { progress: 'read' }))).toBe('read');
	expect(tickText('waiting', false)).toMatch(/back online/);
	expect(tickText('waiting', true)).not.toMatch(/back online/);
});
