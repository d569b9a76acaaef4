import type { AnnouncementFrame, NotificationFrame } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import { useEffect, useEffectEvent } from 'react';
import { href, useRoute } from '../router';
import { useToast } from '../ui/toasts';

const inbox = { href: href({ view: 'inbox' }), label: 'Open the inbox' };

/** Tells announcements and notifications by toasts. Of notifications that come while catching up, it tells how many there are. */
export function News() {
	const client = useClient();
	const toast = useToast();
	const { view } = useRoute();
	const tell = useEffectEvent((note: NotificationFrame) => {
		if (view === 'inbox') return; // it stands there already
		toast({ title: note.title, message: note.message, icon: 'bell', link: inbox });
	});
	useEffect(() => {
		let missed: NotificationFrame[] = [];
		const caughtUp = (): void => {
			const [first, ...more] = missed;
			missed = [];
			if (first === undefined) return;
			if (more.length === 0) tell(first);
			else toast({ title: `${more.length + 1} new notifications`, icon: 'bell', link: inbox });
		};
		const ends = [
			client.on('notification', (note) => {
				if (client.connection().phase === 'live') tell(note);
				else missed.push(note);
			}),
			client.on('connection', ({ phase }) => phase === 'live' && caughtUp()),
			client.on('announcement', ({ title, message }: AnnouncementFrame) => toast({ title, message, tone: 'warn', icon: 'info' })),
		];
		return () => ends.forEach((end) => end());
	}, [client, toast]);
	return null;
}
