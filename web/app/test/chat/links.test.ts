import { expect, test } from 'vitest';
import { pieces } from '../../src/chat/links';

function links(text: string): (string | null)[] {
	return pieces(text).map((piece) => piece.href).filter((href) => href !== null);
}

test('the pieces together are the text, to the last blank', () => {
	for (const text of ['', '  two\n\n lines ', 'see https://a.example/x, and\nhttp://b.example', 'https://a.example', 'https://']) {
		expect(pieces(text).map((piece) => piece.text).join('')).toBe(text);
	}
});

test.each([
	['see https://a.example/x?y=1#z.', 'https://a.example/x?y=1#z'],
	['(https://a.example/x)', 'https://a.example/x'],
	['https://a.example/Mail_(armour)', 'https://a.example/Mail_(armour)'],
	['<https://a.example/>', 'https://a.example/'],
	['„https://a.example/“ is it', 'https://a.example/'],
	['https://müller.example/straße!', 'https://müller.example/straße'],
	['HTTPS://A.EXAMPLE', 'HTTPS://A.EXAMPLE'],
])('%s', (text, href) => {
	expect(links(text)).toEqual([href]);
});

test.each([
	'javascript:alert(1)', 'data:text/html,x', 'ftp://a.example', 'a.example', 'https://', 'http://?', 'xhttps://a.example', '<b>words</b>',
])('no link: %s', (text) => {
	expect(links(text)).toEqual([]);
});
