// Where a notification leads.

/** Where to go: to a place in this page, or to an address outside of it. */
export type Destination = Board | { readonly kind: 'path'; readonly url: string } | { readonly kind: 'address'; readonly url: string };

/** The board of a project, or of the project of a task. */
export interface Board {
	readonly kind: 'project' | 'task';
	readonly id: string;
}

const OURS = /^\/(project|task)s\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

const here = 'https://here.invalid'; // stands for this server, wherever it is

/**
 * destination reads a notification's link: a path of this server, or an address of http or https. `/projects/ID` and `/tasks/ID`, which the
 * notifications of projects and tasks have, lead to the board. null for none, and for what is no such link.
 */
export function destination(link: string | null): Destination | null {
	if (link === null) {
		return null;
	}
	const ours = OURS.exec(link);
	if (ours !== null) {
		return { kind: ours[1] === 'project' ? 'project' : 'task', id: ours[2] ?? '' };
	}
	// Browsers drop tabs and line ends from an address and take a backslash for a slash: only what they make of it says where it leads.
	const url = URL.canParse(link, here) ? new URL(link, here) : null;
	if (link.startsWith('/')) {
		return url?.origin === here ? { kind: 'path', url: link } : null;
	}
	return /^https?:\/\//i.test(link) && url !== null ? { kind: 'address', url: link } : null;
}
