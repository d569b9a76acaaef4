import type { answers } from '@chainmail/client';
import { useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { EmptyState } from '../ui/EmptyState';
import { Spinner } from '../ui/Spinner';
import { useToast } from '../ui/toasts';
import { sentence } from '../ui/troubleText';
import { columns, type Card } from './board';
import { useDrag } from './drag';
import { useFlip } from './flip';
import { following, STATUSES, statusLabel, type Status } from './status';
import styles from './TaskBoard.module.css';
import { TaskCard } from './TaskCard';
import type { LiveBoard } from './useBoard';

/** The columns of a board. On a phone one swipes from one to the next, or presses its name above them. */
export function TaskBoard({ live, empty }: {
	readonly live: LiveBoard;
	/** What stands there while there are no tasks. */
	readonly empty: string;
}) {
	const found = columns(live.board);
	const ref = useRef<HTMLDivElement>(null);
	const layout = STATUSES.map((status) => (found.get(status) ?? []).map((card) => card.task.id).join(' ')).join('|');
	const startFrom = useFlip(ref, layout);
	const { told, move } = useMove(live);
	const follow = useFocusOn(ref, layout);
	const { dragging, grab } = useDrag(styles.ghost ?? '', (card, status, rect) => {
		startFrom(card.task.id, rect);
		move(card.task, status);
	});
	if (!live.loaded) {
		return live.problem === null
			? <div className={styles.waiting}><Spinner label="Loading tasks" /></div>
			: <EmptyState icon="warning" title="The tasks could not be loaded"><p>{sentence(live.problem.message)}</p><Button icon="retry" onClick={live.reload}>Try again</Button></EmptyState>;
	}
	if (live.board.tasks.size === 0) return <EmptyState icon="board" title="No tasks yet"><p>{empty}</p></EmptyState>;
	const show = (status: Status) => ref.current?.querySelector(`[data-status=${status}]`)?.scrollIntoView({ inline: 'start', block: 'nearest', behavior: 'smooth' });
	return (
		<>
			<nav className={styles.jumps} aria-label="Columns">
				{STATUSES.map((status) => (
					<button key={status} type="button" className={styles.jump} onClick={() => show(status)}>
						{statusLabel(status)} <span className={styles.count}>{found.get(status)?.length ?? 0}</span>
					</button>
				))}
			</nav>
			<div ref={ref} className={styles.board} role="group" aria-label="Tasks by status" tabIndex={-1}>
				{STATUSES.map((status) => (
					<Column
						key={status} status={status} cards={found.get(status) ?? []} lifted={dragging?.card.task.id ?? null}
						invites={dragging === null ? 'no' : dragging.over === status ? 'now' : following(dragging.card.status).includes(status) ? 'yes' : 'no'}
						onGrab={grab}
						onMove={(task, to) => {
							follow(task.id);
							move(task, to);
						}}
					/>
				))}
			</div>
			{live.loadOlder !== null && <p className={styles.older}><Button onClick={live.loadOlder}>Older tasks</Button></p>}
			<p className="visually-hidden" role="status">{told}</p>
		</>
	);
}

/** useMove moves a card and says how that went: in a sentence for screen readers, and to everybody when it was refused. */
function useMove(live: LiveBoard) {
	const toast = useToast();
	const [told, setTold] = useState('');
	const move = (task: answers.Task, status: Status) => {
		setTold(`${task.title}: moving to ${statusLabel(status)}`);
		void live.move(task.id, status).then((problem) => {
			setTold(problem === null ? `${task.title}: now ${statusLabel(status)}` : '');
			if (problem !== null) toast({ title: `“${task.title}” was not moved`, message: sentence(problem.message), tone: 'bad' });
		});
	};
	return { told, move };
}

/** useFocusOn gives a function after which the focus goes on to a card as soon as it stands elsewhere: there it is another element. */
function useFocusOn(board: RefObject<HTMLElement | null>, layout: string): (id: string) => void {
	const wanted = useRef<string | null>(null);
	useLayoutEffect(() => {
		const id = wanted.current;
		wanted.current = null;
		if (id !== null) board.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
	}, [board, layout]);
	return (id) => {
		wanted.current = id;
	};
}

function Column({ status, cards, lifted, invites, onGrab, onMove }: {
	readonly status: Status;
	readonly cards: readonly Card[];
	readonly lifted: string | null;
	/** Whether the dragged card may go here; `now`: it would if let go. */
	readonly invites: 'no' | 'yes' | 'now';
	readonly onGrab: ReturnType<typeof useDrag>['grab'];
	readonly onMove: (task: answers.Task, status: Status) => void;
}) {
	return (
		<section data-status={status} className={classes(styles.column, styles[`invites-${invites}`])} aria-labelledby={`column-${status}`}>
			<header className={styles.header}>
				<span className={classes(styles.dot, styles[status])} aria-hidden="true" />
				<h2 id={`column-${status}`}>{statusLabel(status)}</h2>
				<span className={styles.count}>{cards.length}<span className="visually-hidden"> tasks</span></span>
			</header>
			<ul className={styles.cards}>
				{cards.map((card) => (
					<TaskCard
						key={card.task.id} card={card} lifted={lifted === card.task.id}
						onGrab={(event) => onGrab(card, event)} onMove={(to) => onMove(card.task, to)}
					/>
				))}
			</ul>
		</section>
	);
}
