// @vitest-environment jsdom
import type { Chainmail } from '@chainmail/client';
import { ChainmailProvider } from '@chainmail/react';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { PeoplePicker } from '../../src/people/PeoplePicker';

afterEach(cleanup);

test('Escape takes back what is looked for first, and only then what is around', () => {
	const client = { start: () => undefined, stop: async () => undefined, subscribe: () => () => undefined };
	render(
		<ChainmailProvider client={client as unknown as Chainmail}><PeoplePicker label="Add people" onPick={() => undefined} /></ChainmailProvider>,
	);
	const field = screen.getByLabelText<HTMLInputElement>('Add people');
	fireEvent.change(field, { target: { value: 'Bo' } });
	expect(fireEvent.keyDown(field, { key: 'Escape' })).toBe(false); // nothing else hears it
	expect(field.value).toBe('');
	expect(fireEvent.keyDown(field, { key: 'Escape' })).toBe(true);
});
