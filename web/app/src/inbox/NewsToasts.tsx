import { useChainmail } from '@chainmail/react';
import { useEffect } from 'react';
import { href } from '../router';
import { useToast } from '../ui/toasts';
import { noteIcon } from './NoteItem';

/** Shows notifications and announcements in passing as they come. Of what was missed while offline it tells the number alone. */
export function NewsToasts() {
	const { client } = useChainmail();
	const toast = useToast();
	useEffect(() => {
		let missed = 0;
		const link = { href: href({ view: 'inbox' }), label: 'Open inbox' };
		const ends = [
			client.on('notification', (frame) => {
				if (client.connection().phase !== 'live') {
					missed++;
					return;
				}
				toast({ title: frame.title, message: frame.message, icon: noteIcon(frame.notification_type), link });
			}),
			client.on('synced', () => {
				if (missed > 0) toast({ title: missed === 1 ? 'One new notification' : `${missed} new notifications`, icon: 'bell', link });
				missed = 0;
			}),
			client.on('announcement', (frame) => toast({ title: frame.title, message: frame.message, icon: 'info', tone: 'warn' })),
		];
		return () => ends.forEach((end) => end());
	}, [client, toast]);
	return null;
}
