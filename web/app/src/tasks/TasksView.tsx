import { Trouble, type answers } from '@chainmail/client';
import { useChainmail, useClient } from '@chainmail/react';
import { useEffect, useState, type ReactNode } from 'react';
import { go, MINE } from '../router';
import { useMe } from '../session';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { IconButton } from '../ui/IconButton';
import { NewProjectDialog } from './NewProjectDialog';
import { NewTaskDialog } from './NewTaskDialog';
import { ProjectList } from './ProjectList';
import { PersonName } from '../people/PersonName';
import { TaskBoard } from './TaskBoard';
import styles from './TasksView.module.css';
import { useBoard } from './useBoard';
import { useProjects, type Projects } from './useProjects';

/** The projects and the board of one, or of all tasks that this user sees. On a phone one of the two at a time. */
export function TasksView({ projectId }: { readonly projectId: string | null }) {
	const list = useProjects();
	const trusted = useMe().role !== 'member';
	const [making, setMaking] = useState(false);
	const selected = projectId ?? MINE;
	const mineLabel = trusted ? 'All tasks' : 'My tasks';
	return (
		<div className={classes(styles.view, projectId === null ? styles.showsList : styles.showsBoard)}>
			<ProjectList list={list} selected={selected} mineLabel={mineLabel} onNew={() => setMaking(true)} />
			{selected === MINE
				? <AllTasks key={MINE} title={mineLabel} watchAll={trusted} />
				: <ProjectTasks key={selected} id={selected} list={list} trusted={trusted} />}
			{making && (
				<NewProjectDialog
					onClose={() => setMaking(false)}
					onMade={(project) => {
						setMaking(false);
						list.add(project);
						go({ view: 'tasks', projectId: project.id });
					}}
				/>
			)}
		</div>
	);
}

function AllTasks({ title, watchAll }: { readonly title: string; readonly watchAll: boolean }) {
	const live = useBoard(null, watchAll);
	return (
		<section className={styles.main}>
			<Header title={title} />
			<TaskBoard live={live} empty="Tasks that you are to do, and those of your projects, stand here." />
		</section>
	);
}

function ProjectTasks({ id, list, trusted }: { readonly id: string; readonly list: Projects; readonly trusted: boolean }) {
	const { userId } = useChainmail();
	const project = useProject(id, list);
	const mayAdd = project !== undefined && (trusted || project.author_id === userId);
	const live = useBoard(id, mayAdd);
	const [making, setMaking] = useState(false);
	return (
		<section className={styles.main}>
			<Header title={project?.title ?? '…'} authorId={project?.author_id}>
				{mayAdd && <Button variant="primary" icon="plus" onClick={() => setMaking(true)}>New task</Button>}
			</Header>
			<TaskBoard live={live} empty={mayAdd ? 'Make the first one: say what is to be done, and who is to do it.' : 'You see those that you are to do.'} />
			{making && project !== undefined && (
				<NewTaskDialog
					project={project} onClose={() => setMaking(false)}
					onMade={(task) => {
						setMaking(false);
						live.add(task);
					}}
				/>
			)}
		</section>
	);
}

function Header({ title, authorId, children }: { readonly title: string; readonly authorId?: string | undefined; readonly children?: ReactNode }) {
	return (
		<header className={styles.header}>
			<IconButton icon="back" label="All projects" className={styles.back} onClick={() => go({ view: 'tasks', projectId: null })} />
			<div className={styles.heading}>
				<h1>{title}</h1>
				{authorId !== undefined && <p>by <PersonName id={authorId} /></p>}
			</div>
			{children}
		</header>
	);
}

/** useProject finds a project in the list, or else asks for it: the list may not go back that far. */
function useProject(id: string, { projects, add }: Projects): answers.Project | undefined {
	const client = useClient();
	const project = projects?.find((one) => one.id === id);
	const missing = projects !== null && project === undefined;
	useEffect(() => {
		if (missing) {
			client.api.project(id).then(add, (error: unknown) => {
				if (error instanceof Trouble && error.code === 'not_found') go({ view: 'tasks', projectId: null }, 'replace');
			});
		}
	}, [client, id, missing, add]);
	return project;
}
