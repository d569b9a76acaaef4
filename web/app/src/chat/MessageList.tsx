import type { Conversation } from '@chainmail/client';
import { useId, useMemo, useRef, useState } from 'react';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Spinner';
import { ListRow } from './ListRow';
import styles from './MessageList.module.css';
import type { MessageActions } from './MessageRow';
import { buildRows } from './rows';
import { useDivider } from './useDivider';
import { useMessageScroll } from './useMessageScroll';
import { type Older, useOlder } from './useOlder';
import { useReading } from './useReading';
import { useRowFocus } from './useRowFocus';

/**
 * The messages of a conversation. Only the rows in sight are in the document. It stays at its end while it is there,
 * and else at its place, whatever comes above or below.
 */
export function MessageList({ conversation, userId, online, actions, older, read }: {
	readonly conversation: Conversation;
	readonly userId: string;
	readonly online: boolean;
	readonly actions: MessageActions;
	readonly older: Older;
	readonly read: (messageIds: readonly string[]) => void;
}) {
	const scroller = useRef<HTMLDivElement>(null);
	const listId = useId();
	const [atEnd, setAtEnd] = useState(true);
	const { entries, drafts, complete } = conversation;
	const { firstNew, behind } = useDivider(conversation, userId, atEnd);
	const rows = useMemo(
		() => buildRows({ entries, drafts, complete }, userId, firstNew),
		[entries, drafts, complete, userId, firstNew],
	);
	const focus = useRowFocus(rows, scroller);
	const shown = useMessageScroll({ rows, drafts: drafts.length, scroller, kept: focus.activeIndex, onAtEnd: setAtEnd });
	useOlder(older, complete, shown.range?.first ?? Infinity);
	useReading(rows, shown.range, userId, read);
	return (
		<div className={styles.frame}>
			<div
				ref={scroller} className={styles.scroller} role="log" aria-live="off" aria-label="Messages"
				onKeyDown={(event) => focus.onKeyDown(event, (index) => shown.scrollToIndex(index, 'nearest'))}
			>
				<div className={styles.rows} style={{ height: shown.total }}>
					<Top complete={complete} older={older} />
					{shown.rows.map(({ index, key, start }) => {
						const row = rows[index];
						return row === undefined ? null : (
							<ListRow
								key={key} row={row} id={`${listId}${index}`} index={index} start={start} measure={shown.measure}
								group={conversation.peerId === null} userId={userId} online={online} actions={actions}
								active={index === focus.activeIndex} activate={focus.activate} setSize={complete ? rows.length : -1}
							/>
						);
					})}
				</div>
			</div>
			{!atEnd && <Jump behind={behind} onJump={shown.scrollToEnd} />}
		</div>
	);
}

function Jump({ behind, onJump }: { readonly behind: number; readonly onJump: () => void }) {
	const label = behind > 0 ? `To the newest message; ${behind} new` : 'To the newest message';
	return (
		<button type="button" className={styles.jump} onClick={onJump} aria-label={label} title={label}>
			<Icon name="down" />
			{behind > 0 && <span className={styles.count}><Badge count={behind} label="new" /></span>}
		</button>
	);
}

function Top({ complete, older }: { readonly complete: boolean; readonly older: Older }) {
	return (
		<div className={styles.top}>
			{complete && <p>The conversation begins here</p>}
			{!complete && older.loading && <Spinner label="Loading older messages" />}
			{!complete && !older.loading && (
				<Button onClick={() => void older.load()}>
					{older.failed ? 'Older messages could not be loaded. Try again' : 'Load older messages'}
				</Button>
			)}
		</div>
	);
}
