import type { answers, Conversation, Person, Target } from '@chainmail/client';
import { useChainmail } from '@chainmail/react';
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { leastQuery, usePeopleSearch } from '../people/usePeopleSearch';
import { EmptyState } from '../ui/EmptyState';
import { Icon } from '../ui/Icon';
import { IconButton } from '../ui/IconButton';
import { Spinner } from '../ui/Spinner';
import { useWindow } from '../ui/useWindow';
import { ConversationItem, PersonItem } from './ConversationItem';
import styles from './ConversationList.module.css';
import { conversationName, shownIds } from './names';
import { NewGroupDialog } from './NewGroupDialog';
import { targetKey, targetOf } from './target';
import { usePeople } from './usePeople';

const itemHeight = 72; // as ConversationList.module.css has it

type Line =
	| { readonly kind: 'conversation'; readonly conversation: Conversation; readonly target: Target }
	| { readonly kind: 'heading'; readonly text: string }
	| { readonly kind: 'person'; readonly person: answers.User };

/** All conversations, that with the newest message first, with a search that also finds people. */
export function ConversationList({ selected }: { readonly selected: Target | null }) {
	const [query, setQuery] = useState('');
	const [grouping, setGrouping] = useState(false);
	const side = useRef<HTMLElement>(null);
	const { lines, searching, problem, loaded } = useLines(query);
	const pressed = (event: KeyboardEvent): void => {
		if (event.key === 'ArrowDown') {
			event.preventDefault();
			side.current?.querySelector<HTMLElement>('a')?.focus();
		} else if (event.key === 'Escape' && query !== '') {
			event.preventDefault();
			setQuery('');
		}
	};
	return (
		<nav ref={side} className={styles.side} aria-label="Conversations">
			<header className={styles.header}>
				<h1>Chats</h1>
				<IconButton icon="plus" label="New group" onClick={() => setGrouping(true)} />
			</header>
			<div className={styles.search}>
				<Icon name="search" size={18} />
				<input
					type="search" value={query} placeholder="Search chats and people" aria-label="Search chats and people" autoComplete="off"
					onChange={(event) => setQuery(event.target.value)} onKeyDown={pressed}
				/>
			</div>
			<Lines lines={lines} selected={selected} onChosen={() => setQuery('')}>
				{!loaded && <div className={styles.wait}><Spinner label="Loading your conversations" /></div>}
				{searching && <div className={styles.wait}><Spinner size={20} label="Looking for people" /></div>}
				{problem !== null && <p className={styles.note} role="alert">{problem}</p>}
				{loaded && !searching && problem === null && lines.length === 0 && <Nothing query={query.trim()} />}
			</Lines>
			{grouping && <NewGroupDialog onClose={() => setGrouping(false)} />}
		</nav>
	);
}

function useLines(query: string) {
	const { conversations, userId } = useChainmail();
	const wanted = query.trim().toLocaleLowerCase();
	const ids = useMemo(
		() => wanted === '' ? [] : [...new Set((conversations ?? []).flatMap((each) => shownIds(each, userId ?? '')))],
		[conversations, userId, wanted],
	);
	const people = usePeople(ids);
	const found = usePeopleSearch(query);
	const lines = useMemo(() => {
		const known = new Map(ids.map((id, i) => [id, people[i]]));
		const result: Line[] = [];
		for (const conversation of conversations ?? []) {
			const target = targetOf(conversation);
			if (target !== null && matches(conversation, userId ?? '', known, wanted)) {
				result.push({ kind: 'conversation', conversation, target });
			}
		}
		const shown = new Set(result.map((line) => line.kind === 'conversation' ? line.conversation.peerId : null));
		const others = (found.people ?? []).filter((person) => person.id !== userId && !shown.has(person.id));
		if (others.length > 0) {
			result.push({ kind: 'heading', text: 'People' });
			result.push(...others.map((person) => ({ kind: 'person', person }) as const));
		}
		return result;
	}, [conversations, found, ids, people, userId, wanted]);
	const searching = wanted.length >= leastQuery && found.people === null && found.problem === null;
	return { lines, searching, problem: found.problem, loaded: conversations !== null };
}

function matches(
	conversation: Conversation, userId: string, known: ReadonlyMap<string, Person | undefined>, wanted: string,
): boolean {
	if (wanted === '') {
		return true;
	}
	const name = conversationName(conversation, shownIds(conversation, userId).map((id) => known.get(id)));
	return name.toLocaleLowerCase().includes(wanted);
}

// The list as it scrolls; `children` stand below the lines.
function Lines({ lines, selected, onChosen, children }: {
	readonly lines: readonly Line[];
	readonly selected: Target | null;
	readonly onChosen: () => void;
	readonly children: ReactNode;
}) {
	const scroller = useRef<HTMLDivElement>(null);
	const keys = useMemo(() => lines.map(lineKey), [lines]);
	const estimate = (index: number) => lines[index]?.kind === 'heading' ? 36 : itemHeight;
	const [focusedKey, setFocusedKey] = useState<string | null>(null);
	const focused = focusedKey === null ? -1 : keys.indexOf(focusedKey);
	const { rows, total, scrollToIndex } = useWindow({ keys, estimate, scroller, kept: focused });
	const chosen = lines.findIndex((line) => line.kind === 'conversation' && selects(selected, line.conversation));
	// One of the links takes part in the order of Tab; arrows lead to the others.
	const shown = rows.filter((row) => lines[row.index]?.kind !== 'heading');
	const stop = focused >= 0 ? focused : shown.some((row) => row.index === chosen) ? chosen : shown[0]?.index;
	const pressed = (event: KeyboardEvent): void => {
		const next = nextLine(lines, focused, event.key);
		if (next < 0) {
			return;
		}
		event.preventDefault();
		setFocusedKey(keys[next] ?? null);
		scrollToIndex(next, 'nearest');
		// What has the focus is always in the document, once that is drawn.
		requestAnimationFrame(() => {
			scroller.current?.querySelector<HTMLElement>(`[aria-posinset="${next + 1}"] a`)?.focus({ preventScroll: true });
		});
	};
	return (
		<div ref={scroller} className={styles.list}>
			<ul className={styles.items} style={{ height: total }} onKeyDown={pressed} onBlur={() => setFocusedKey(null)}>
				{rows.map(({ index, key, start }) => {
					const line = lines[index];
					const tabIndex = index === stop ? 0 : -1;
					return line === undefined ? null : (
						<li
							key={key} className={styles.item} style={{ transform: `translateY(${start}px)` }}
							aria-setsize={lines.length} aria-posinset={index + 1} onFocus={() => setFocusedKey(key)}
						>
							{line.kind === 'heading' && <h2 className={styles.heading}>{line.text}</h2>}
							{line.kind === 'conversation' && (
								<ConversationItem
									conversation={line.conversation} target={line.target} current={index === chosen} tabIndex={tabIndex}
								/>
							)}
							{line.kind === 'person' && <PersonItem person={line.person} tabIndex={tabIndex} onChosen={onChosen} />}
						</li>
					);
				})}
			</ul>
			{children}
		</div>
	);
}

function selects(target: Target | null, conversation: Conversation): boolean {
	if (target === null) {
		return false;
	}
	return 'userId' in target ? target.userId === conversation.peerId : target.conversationId === conversation.id;
}

function lineKey(line: Line): string {
	switch (line.kind) {
		case 'conversation':
			return targetKey(line.target);
		case 'person':
			return `person:${line.person.id}`;
		case 'heading':
			return 'heading';
	}
}

/** nextLine is the line of a link that a key leads to from another one; -1 for none. */
function nextLine(lines: readonly Line[], from: number, key: string): number {
	const isLink = (line: Line): boolean => line.kind !== 'heading';
	switch (key) {
		case 'ArrowDown':
			return lines.findIndex((line, index) => index > from && isLink(line));
		case 'ArrowUp':
			return lines.findLastIndex((line, index) => index < from && isLink(line));
		case 'Home':
			return lines.findIndex(isLink);
		case 'End':
			return lines.findLastIndex(isLink);
		default:
			return -1;
	}
}

function Nothing({ query }: { readonly query: string }) {
	if (query === '') {
		return <EmptyState icon="chat" title="No chats yet"><p>Search for somebody by name, and write the first message.</p></EmptyState>;
	}
	return (
		<p className={styles.note} role="status">
			{query.length < leastQuery
				? 'No chat is called that. Three characters and more also find people.'
				: 'Nobody and nothing is called that.'}
		</p>
	);
}
