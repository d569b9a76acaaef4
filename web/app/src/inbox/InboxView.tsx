import type { Note } from '@chainmail/client';
import { useClient, useNotifications } from '@chainmail/react';
import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { Button } from '../ui/Button';
import { useNow } from '../ui/clock';
import { EmptyState } from '../ui/EmptyState';
import { Spinner } from '../ui/Spinner';
import { dayKey, dayName } from '../ui/time';
import { useToast } from '../ui/toasts';
import styles from './InboxView.module.css';
import { NoteItem } from './NoteItem';

/** How many notes are marked as read at once, when all are. */
const AT_ONCE = 8;

/** What this user was told, the newest first. */
export function InboxView() {
	const { notes, unread, read, loadOlder } = useNotifications();
	const toast = useToast();
	const told = useCallback((error: unknown) => {
		toast({ title: 'It could not be marked as read', message: error instanceof Error ? error.message : String(error), tone: 'bad' });
	}, [toast]);
	const markRead = useCallback((id: string) => read(id).catch(told), [read, told]);
	const client = useClient();
	const [markingAll, setMarkingAll] = useState(false);
	const markAll = async () => {
		setMarkingAll(true);
		try {
			while (await loadOlder()); // all are those too that nobody has scrolled to
			await readAll((client.notes() ?? []).filter((note) => !note.read), markRead);
		} catch (error) {
			told(error);
		}
		setMarkingAll(false);
	};
	return (
		<section className={styles.view} aria-labelledby="inbox">
			<header className={styles.header}>
				<div>
					<h1 id="inbox">Inbox</h1>
					{notes !== null && notes.length > 0 && <p className={styles.unread} role="status">{unread === 0 ? 'All read' : `${unread} unread`}</p>}
				</div>
				{unread > 0 && <Button icon="check-double" busy={markingAll} onClick={() => void markAll()}>Mark all as read</Button>}
			</header>
			<div className={styles.scroller}>
				{notes === null && <div className={styles.waiting}><Spinner label="Loading notifications" /></div>}
				{notes?.length === 0 && (
					<EmptyState icon="bell" title="Nothing new"><p>When a project begins, a task is yours or has moved on, you read it here.</p></EmptyState>
				)}
				{notes !== null && notes.length > 0 && (
					<>
						<Days notes={notes} onRead={markRead} />
						<Older loadOlder={loadOlder} />
					</>
				)}
			</div>
		</section>
	);
}

async function readAll(notes: readonly Note[], markRead: (id: string) => Promise<void>): Promise<void> {
	for (let i = 0; i < notes.length; i += AT_ONCE) {
		await Promise.all(notes.slice(i, i + AT_ONCE).map((note) => markRead(note.id)));
	}
}

function Days({ notes, onRead }: { readonly notes: readonly Note[]; readonly onRead: (id: string) => void }) {
	const now = useNow();
	const days = new Map<string, Note[]>();
	for (const note of notes) {
		const key = dayKey(note.createdAt);
		const ofDay = days.get(key);
		if (ofDay === undefined) days.set(key, [note]);
		else ofDay.push(note);
	}
	return [...days].map(([key, ofDay]) => (
		<section key={key} className={styles.day} aria-labelledby={`day-${key}`}>
			<h2 id={`day-${key}`}>{dayName(ofDay[0]?.createdAt ?? '', now)}</h2>
			<ul className={styles.notes}>
				{ofDay.map((note) => <NoteItem key={note.id} note={note} onRead={onRead} />)}
			</ul>
		</section>
	));
}

/** Loads older notes when it is scrolled into view or pressed; gone when there are no more. */
function Older({ loadOlder }: { readonly loadOlder: () => Promise<boolean> }) {
	const [state, setState] = useState<'idle' | 'loading' | 'failed' | 'end'>('idle');
	const ref = useRef<HTMLParagraphElement>(null);
	const load = async () => {
		setState('loading');
		try {
			setState(await loadOlder() ? 'idle' : 'end');
		} catch {
			setState('failed'); // the button stays
		}
	};
	const seen = useEffectEvent(() => {
		if (state === 'idle') void load();
	});
	useEffect(() => {
		const element = ref.current;
		if (element === null || state !== 'idle') return undefined;
		const observer = new IntersectionObserver((entries) => {
			if (entries.some((entry) => entry.isIntersecting)) seen();
		}, { rootMargin: '200px' });
		observer.observe(element);
		return () => observer.disconnect();
	}, [state]);
	if (state === 'end') return null;
	return (
		<p ref={ref} className={styles.waiting}>
			<Button busy={state === 'loading'} onClick={() => void load()}>{state === 'failed' ? 'Try again' : 'Older notifications'}</Button>
		</p>
	);
}
