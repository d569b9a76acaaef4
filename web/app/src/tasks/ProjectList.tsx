import type { answers } from '@chainmail/client';
import { href, MINE } from '../router';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { EmptyState } from '../ui/EmptyState';
import { Icon } from '../ui/Icon';
import { IconButton } from '../ui/IconButton';
import { Spinner } from '../ui/Spinner';
import { TimeAgo } from '../ui/TimeAgo';
import { PersonName } from '../people/PersonName';
import { sentence } from '../ui/troubleText';
import styles from './ProjectList.module.css';
import type { Projects } from './useProjects';

/** All projects, the newest first, below the way to one's own tasks. */
export function ProjectList({ list, selected, mineLabel, onNew }: {
	readonly list: Projects;
	/** A project's id, or MINE. */
	readonly selected: string;
	readonly mineLabel: string;
	readonly onNew: () => void;
}) {
	return (
		<nav className={styles.list} aria-label="Projects">
			<header className={styles.header}>
				<h1>Tasks</h1>
				<IconButton icon="plus" label="New project" onClick={onNew} />
			</header>
			<div className={styles.scroller}>
				<a className={classes(styles.entry, selected === MINE && styles.selected)} href={href({ view: 'tasks', projectId: MINE })} aria-current={selected === MINE ? 'page' : undefined}>
					<span className={styles.icon}><Icon name="user" size={18} /></span>
					<span className={styles.title}>{mineLabel}</span>
				</a>
				<h2 className={styles.heading}>Projects</h2>
				<Entries list={list} selected={selected} onNew={onNew} />
			</div>
		</nav>
	);
}

function Entries({ list, selected, onNew }: { readonly list: Projects; readonly selected: string; readonly onNew: () => void }) {
	const { projects, problem, loadOlder, reload } = list;
	if (projects === null) {
		return problem === null
			? <p className={styles.waiting}><Spinner label="Loading projects" /></p>
			: <EmptyState icon="warning" title="No answer"><p>{sentence(problem.message)}</p><Button icon="retry" onClick={reload}>Try again</Button></EmptyState>;
	}
	if (projects.length === 0) {
		return <EmptyState icon="board" title="No projects yet"><p>A project holds tasks that freelancers do.</p><Button variant="primary" icon="plus" onClick={onNew}>New project</Button></EmptyState>;
	}
	return (
		<>
			<ul>{projects.map((project) => <li key={project.id}><Entry project={project} selected={project.id === selected} /></li>)}</ul>
			{loadOlder !== null && <p className={styles.waiting}><Button onClick={loadOlder}>Older projects</Button></p>}
		</>
	);
}

function Entry({ project, selected }: { readonly project: answers.Project; readonly selected: boolean }) {
	return (
		<a className={classes(styles.entry, selected && styles.selected)} href={href({ view: 'tasks', projectId: project.id })} aria-current={selected ? 'page' : undefined}>
			<span className={styles.icon}><Icon name="board" size={18} /></span>
			<span className={styles.words}>
				<span className={styles.title}>{project.title}</span>
				<span className={styles.by}>by <PersonName id={project.author_id} /> · <TimeAgo at={project.created_at} /></span>
			</span>
		</a>
	);
}
