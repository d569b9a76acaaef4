// @vitest-environment jsdom
// Whatever is mounted and unmounted when, each component shows every message once, and nothing is left at the end.

import { act, cleanup, render } from '@testing-library/react';
import { type ReactNode, StrictMode } from 'react';
import { afterEach, expect, test } from 'vitest';
import { random } from '../../client/test/store/random';
import { ChainmailProvider, useChainmail, useConversation } from '../src/index';
import { type Scripted, scripted, trouble } from './scripted';

afterEach(cleanup);

const sequences = 12;
const steps = 40;
const ids = ['lunch', 'work', 'home'];

function Pane({ id }: { readonly id: string }): ReactNode {
	const { conversation } = useConversation({ conversationId: id });
	return <output data-id={id}>{conversation?.entries.map((entry) => entry.seq).join(' ')}</output>;
}

function List(): ReactNode {
	return <ul>{useChainmail().conversations?.map(({ id }) => <li key={id}>{id}</li>)}</ul>;
}

/** What is mounted: up to two providers of one client, each with some panes. */
interface Mounted {
	on: boolean;
	list: boolean;
	panes: { readonly key: number; id: string }[];
}

function Page({ server, mounted }: { readonly server: Scripted; readonly mounted: readonly Mounted[] }): ReactNode {
	return (
		<StrictMode>
			{mounted.map(({ on, list, panes }, i) => on && (
				<ChainmailProvider key={i} client={server.client}>
					{list && <List />}
					{panes.map(({ key, id }) => <Pane key={key} id={id} />)}
				</ChainmailProvider>
			))}
		</StrictMode>
	);
}

test('random orders of mounting lose, double and leave nothing', async () => {
	for (let seed = 1; seed <= sequences; seed++) {
		const chance = random(seed);
		const server = scripted(ids);
		const mounted: Mounted[] = [{ on: true, list: true, panes: [] }, { on: false, list: false, panes: [] }];
		const page = (): ReactNode => <Page server={server} mounted={mounted} />;
		const view = render(page());
		let next = 0;
		for (let step = 0; step < steps; step++) {
			const provider = chance.pick(mounted);
			const pane = provider.panes[chance.below(provider.panes.length + 1)];
			const what = chance.below(10);
			if (what === 0) provider.on = !provider.on;
			else if (what === 1) provider.list = !provider.list;
			else if (what === 2) provider.panes = provider.panes.filter((other) => other !== pane);
			else if (what === 3) provider.panes = [...provider.panes, { key: next++, id: chance.pick(ids) }];
			else if (what === 4 && pane) pane.id = chance.pick(ids);
			await act(async () => {
				if (what < 5) view.rerender(page());
				else if (what < 8) server.arrive(chance.pick(ids));
				else server.answer(chance.chance(0.2) ? trouble : undefined);
			});
			for (const output of view.container.querySelectorAll('output')) {
				expect(output.textContent, `seed ${seed}, step ${step}`).toBe(server.entries(output.dataset['id'] ?? '').join(' '));
			}
			expect(server.running(), `seed ${seed}, step ${step}`).toBe(mounted.some(({ on }) => on));
		}
		view.unmount();
		await act(async () => undefined);
		expect([server.running(), server.listeners()], `seed ${seed}`).toEqual([false, 0]);
	}
});
