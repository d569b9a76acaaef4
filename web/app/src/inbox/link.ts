// Where a notification leads.

/** Where to go: to a place in this page, or to an address outside of it. */
export type Destination = Board | { readonly kind: 'path'; readonly url: string } | { readonly kind: 'address'; readonly url: string };

/** The board of a project, or of the project of a task. */
export interface Board {
	readonly kind: 'project' | 'task';
	readonly id: string;
}

const OURS = /^\/(project|task)s\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

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
	if (/^\/(?![/\\])/.test(link)) {
		return { kind: 'path', url: link };
	}
	return /^https?:\/\//i.test(link) && URL.canParse(link) ? { kind: 'address', url: link } : null;
}
