// @vitest-environment jsdom

import { act, cleanup, render, screen } from '@testing-library/react';
import { type ReactNode, StrictMode } from 'react';
import { afterEach, expect, test } from 'vitest';
import { ChainmailProvider, useChainmail, useConversation, useNotifications, usePresence } from '../src/index';
import { type Scripted, scripted, trouble } from './scripted';

afterEach(cleanup);

function Pane({ id }: { readonly id: string }): ReactNode {
	const { conversation, problem, loading, retryLoading, loadOlder } = useConversation({ conversationId: id });
	return (
		<section data-testid={id}>
			<p>{conversation?.entries.length} entries{loading && ', loading'}{problem && `, ${problem.message}`}</p>
			<button type="button" onClick={() => void retryLoading()}>again</button>
			<button type="button" onClick={() => { void loadOlder(); void loadOlder(); }}>older</button>
		</section>
	);
}

function show(server: Scripted, children: ReactNode): { unmount(): void } {
	return render(<StrictMode><ChainmailProvider client={server.client}>{children}</ChainmailProvider></StrictMode>);
}

// turn lets promises settle within React's act.
const turn = (what: () => unknown = () => undefined): Promise<void> => act(async () => void what());

test('the newest page is loaded once, however many show it', async () => {
	const server = scripted(['lunch']);
	show(server, <><Pane id="lunch" /><Pane id="lunch" /></>);
	await turn();
	expect(server.asked()).toBe(1);
	expect(screen.getAllByText('0 entries, loading')).toHaveLength(2);
	await turn(() => server.answer());
	expect(screen.getAllByText('20 entries')).toHaveLength(2);
	expect(server.asked()).toBe(1);
});

test('a page that fails says why, and is asked for again by hand', async () => {
	const server = scripted(['lunch']);
	show(server, <Pane id="lunch" />);
	await turn(() => server.answer(trouble));
	expect(screen.getByText('0 entries, There is no connection.')).toBeTruthy();
	server.arrive('lunch');
	await turn();
	expect(server.asked()).toBe(1);
	await turn(() => screen.getByText('again').click());
	expect(screen.getByText('1 entries, loading')).toBeTruthy();
	await turn(() => server.answer());
	expect(screen.getByText('21 entries')).toBeTruthy();
});

test('nothing is asked for before the list is there, and that is no failure', async () => {
	const server = scripted(['lunch']);
	server.withholdList();
	server.arrive('lunch');
	show(server, <Pane id="lunch" />);
	await turn(() => screen.getByText('older').click());
	expect(server.asked()).toBe(0);
	expect(screen.getByText('1 entries, loading')).toBeTruthy();
	await turn(() => server.giveList());
	expect(server.asked()).toBe(1);
	await turn(() => server.answer());
	expect(screen.getByText('21 entries')).toBeTruthy();
});

test('older pages are loaded one at a time', async () => {
	const server = scripted(['lunch']);
	show(server, <Pane id="lunch" />);
	await turn(() => server.answer());
	await turn(() => screen.getByText('older').click());
	expect(server.asked()).toBe(2);
	await turn(() => server.answer());
	expect(screen.getByText('40 entries')).toBeTruthy();
	await turn(() => screen.getByText('older').click());
	expect(server.asked()).toBe(2);
});

test('another target shows another conversation, and a late page does not disturb it', async () => {
	const server = scripted(['lunch', 'work']);
	const { rerender } = render(<ChainmailProvider client={server.client}><Pane id="lunch" /></ChainmailProvider>);
	rerender(<ChainmailProvider client={server.client}><Pane id="work" /></ChainmailProvider>);
	await turn(() => server.answer(trouble));
	expect(screen.getByTestId('work').textContent).toContain('0 entries, loading');
	await turn(() => server.answer());
	expect(screen.getByTestId('work').textContent).toContain('20 entries');
});

test('the client is started once under strict mode, and stopped at the end', async () => {
	const server = scripted([]);
	const { unmount } = show(server, null);
	await turn();
	expect([server.running(), server.starts()]).toEqual([true, 1]);
	unmount();
	await turn();
	expect([server.running(), server.listeners()]).toEqual([false, 0]);
});

test('the state, a user and the inbox render anew when they change', async () => {
	function Page(): ReactNode {
		const { connection, userId, conversations } = useChainmail();
		const { notes, unread, read } = useNotifications();
		const ann = usePresence('ann');
		return (
			<>
				<p>{connection.phase} {userId} {conversations?.length} {ann?.online ? 'online' : 'offline'} {unread} of {notes?.length}</p>
				<button type="button" onClick={() => void read('n-1')}>read</button>
			</>
		);
	}
	const server = scripted(['lunch']);
	show(server, <Page />);
	await turn(() => server.notify('n-1'));
	expect(screen.getByText('live me 1 offline 1 of 1')).toBeTruthy();
	await turn(() => server.appear({ id: 'ann', name: 'Ann', walletAddress: null, online: true, lastSeen: null }));
	await turn(() => screen.getByText('read').click());
	expect(screen.getByText('live me 1 online 0 of 1')).toBeTruthy();
});

test('without a target there is no conversation, and nothing is sent', async () => {
	let send: ((content: string) => Promise<string>) | undefined;
	function Nothing(): ReactNode {
		const state = useConversation(null);
		send = state.send;
		return <p>{String(state.conversation)}</p>;
	}
	const server = scripted(['lunch']);
	show(server, <Nothing />);
	await turn();
	expect(screen.getByText('undefined')).toBeTruthy();
	expect(server.asked()).toBe(0);
	await expect(send?.('hello')).rejects.toThrow();
});

test('a hook outside of a provider says what it needs', () => {
	function Lost(): ReactNode {
		useChainmail();
		return null;
	}
	expect(() => render(<Lost />, { onCaughtError() {} })).toThrow('needs a ChainmailProvider');
});
