// @vitest-environment jsdom
// The hooks on the real client, with a server that says what a test tells it to.

import { cleanup, render, waitFor } from '@testing-library/react';
import { type ReactNode, StrictMode } from 'react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hastily, makeClient, phase } from '../../client/test/client';
import { room, said, started } from '../../client/test/frames';
import { type Scripted, type Session, startScripted } from '../../client/test/scripted';
import { ChainmailProvider, useChainmail, useConversation } from '../src/index';

let server: Scripted;

beforeEach(async () => {
	server = await startScripted();
});
afterEach(async () => {
	cleanup();
	await server.stop();
});

function Room(): ReactNode {
	const { connection } = useChainmail();
	const { conversation } = useConversation({ conversationId: room });
	return <output>{connection.phase}: {conversation?.entries.map((entry) => entry.seq).join(' ')}</output>;
}

test('messages come once through a lost connection, and whatever is mounted meanwhile', async () => {
	const client = makeClient(server, hastily);
	const view = (shown: boolean): ReactNode => <StrictMode><ChainmailProvider client={client}>{shown && <Room />}</ChainmailProvider></StrictMode>;
	const { container, rerender, unmount } = render(view(true));
	const shows = (words: string): Promise<void> => waitFor(() => expect(container.textContent).toBe(words), { timeout: 60_000 });

	let session: Session = await server.session();
	session.live();
	session.send(started(), said(2));
	await shows('live: 1 2');
	rerender(view(false));
	session.send(said(3));
	session.cut();
	session = await server.session();
	session.live(103);
	session.send(said(2), said(3), said(4));
	rerender(view(true));
	await shows('live: 1 2 3 4');
	expect(server.connections()).toBe(2);

	unmount();
	await phase(client, 'stopped');
	render(view(true));
	session = await server.session();
	expect(server.connections()).toBe(3);
	expect(session.query.get('since')).toBe('104');
});

test('another log is loaded as the first was', async () => {
	const client = makeClient(server, hastily);
	const asked = (): number => server.requests.filter(({ path }) => path.endsWith('/messages')).length;
	const answer = (body: object) => () => ({ headers: { 'Chainmail-Position': '100' }, body });
	const history = (seq: number) =>
		answer({ items: [{ ...said(seq), is_delivered: true, is_read: false, receipts: [] }], next_cursor: null });
	server.answer(`GET /api/conversations/${room}`, answer({
		id: room, title: 'Room', direct: false, participants: [], last_message: null, unread_count: 0, created_at: '2026-01-02T03:04:05Z',
	}));
	server.answer(`GET /api/conversations/${room}/messages`, history(7));
	const { container } = render(<ChainmailProvider client={client}><Room /></ChainmailProvider>);
	const session = await server.session();
	session.live();
	await waitFor(() => expect(container.textContent).toBe('live: 7'), { timeout: 60_000 });
	server.answer(`GET /api/conversations/${room}/messages`, history(5));
	session.cut();
	(await server.session()).live(100, { log_id: '00000000-0000-7000-8000-0000000000fe' });
	await waitFor(() => expect(container.textContent).toBe('live: 5'), { timeout: 60_000 });
	expect(asked()).toBe(2);
});
