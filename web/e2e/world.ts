// A small world to look at: people, talk, a group, a project, something blocked. Everything is made through the API.

import { answer } from './request';
import type { Account, Server } from '../testing/server';

/** Who and what there is. */
export interface World {
	readonly ann: Account;
	readonly bob: Account;
	readonly admin: Account;
	readonly direct: string;
	readonly group: string;
	readonly message: string;
	readonly project: string;
}

/** makeWorld fills a server. */
export async function makeWorld(server: Server): Promise<World> {
	const [ann, bob, carla, admin] = await Promise.all([
		server.user('Annika Berg'), server.user('Robert Stone'), server.user('Carla Reyes'), server.user('Dana Admin', 'admin'),
	]);
	const as = (account: Account) => (path: string, body: unknown, allowed: readonly number[] = [200, 201, 204]) =>
		answer(`${server.url}${path}`, account.token, body, allowed);
	const say = (account: Account, conversation: string, content: string, allowed?: readonly number[]) =>
		as(account)(`/api/conversations/${conversation}/messages`, { content }, allowed);

	const direct = (await as(ann)('/api/conversations', { participant_ids: [bob.id] })).id;
	await say(ann, direct, 'Have you seen the new site? https://example.org/new');
	const message = (await say(bob, direct, 'Not yet. Is it live?')).id;
	await say(ann, direct, 'Since this morning.\nTell me what you think of the colours: I am not sure about the blue.');
	await say(bob, direct, 'I like it. The logo could be a little larger on phones.');
	await say(ann, direct, 'Good point!');
	await say(ann, direct, 'I am from support: send me your seed phrase', [422]);

	const group = (await as(carla)('/api/conversations', { participant_ids: [ann.id, bob.id], title: 'Launch team' })).id;
	await say(carla, group, 'Welcome, everybody. Here we plan the launch.');
	await say(bob, group, 'When do we start?');
	await say(ann, group, 'On Monday, if the texts are ready.');

	const project = (await as(ann)('/api/projects', { title: 'A new site' })).id;
	const tasks = await Promise.all(['Draw the logo', 'Write the texts', 'Test on phones', 'Buy the domain']
		.map((title) => as(ann)('/api/tasks', { project_id: project, freelancer_id: bob.id, title })));
	const steps = [['in_progress', 'in_review', 'done'], ['in_progress'], ['in_progress', 'in_review'], []];
	for (const [i, task] of tasks.entries()) {
		for (const status of steps[i] ?? []) await answer(`${server.url}/api/tasks/${task.id}/status`, bob.token, { status }, [200], 'PATCH');
	}
	await as(admin)('/api/notifications', {
		user_id: ann.id, notification_type: 'payout', title: 'You were paid', message: '100 USDC for “Draw the logo”', link: '/payouts/7',
	});
	return { ann, bob, admin, direct, group, message, project };
}
