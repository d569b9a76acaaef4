import { expect, test } from 'vitest';
import { destination, type Destination } from '../../src/inbox/link';

const ID = '0190b5d2-7c00-7a11-8000-00000000a11c';

test.each<[string | null, Destination | null]>([
	[null, null],
	[`/tasks/${ID}`, { kind: 'task', id: ID }],
	[`/projects/${ID}`, { kind: 'project', id: ID }],
	['/payouts/7', { kind: 'path', url: '/payouts/7' }],
	['/tasks/7', { kind: 'path', url: '/tasks/7' }],
	['https://example.org/a?b#c', { kind: 'address', url: 'https://example.org/a?b#c' }],
	['http://example.org', { kind: 'address', url: 'http://example.org' }],
	['//example.org/', null],
	['/\\example.org/', null],
	['/\t/example.org/', null],
	['/\n\\example.org/', null],
	['/a//example.org', { kind: 'path', url: '/a//example.org' }],
	['https://', null],
	['javascript:alert(1)', null],
	['data:text/html,x', null],
	['payouts/7', null],
])('%s', (link, want) => {
	expect(destination(link)).toEqual(want);
});
