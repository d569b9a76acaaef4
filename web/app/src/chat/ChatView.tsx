import type { Target } from '@chainmail/client';
import { useChainmail, useConversation } from '@chainmail/react';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { EmptyState } from '../ui/EmptyState';
import { Spinner } from '../ui/Spinner';
import { sentence } from '../ui/troubleText';
import styles from './ChatView.module.css';
import { ConversationList } from './ConversationList';
import { ConversationPane } from './ConversationPane';
import { targetKey, targetOf } from './target';
import { textKey } from './unfinished';
import { useNobody } from './useNobody';

/** The conversations and the one that is open, side by side; on a phone one at a time. */
export function ChatView({ target }: { readonly target: Target | null }) {
	return (
		<div className={classes(styles.chat, target !== null && styles.open)}>
			<ConversationList selected={target} />
			<section className={styles.pane} aria-label="Conversation">
				{target === null
					? (
						<EmptyState icon="chat" title="Your conversations">
							<p>Choose one from the list, or look for somebody to write to.</p>
						</EmptyState>
					)
					: <Opened target={target} />}
			</section>
		</div>
	);
}

function Opened({ target }: { readonly target: Target }) {
	const { userId } = useChainmail();
	const state = useConversation(target);
	const { conversation, problem, retryLoading } = state;
	const nobody = useNobody('userId' in target && conversation?.id === null ? target.userId : null);
	if (nobody) {
		return <EmptyState icon="search" title="Not found"><p>There is no such person here.</p></EmptyState>;
	}
	if (userId !== null && conversation !== undefined) {
		// The same direct conversation has two addresses: what is typed and shown must not depend on which one led here.
		const same = targetOf(conversation) ?? target;
		return <ConversationPane key={targetKey(same)} textKey={textKey(userId, same)} state={state} conversation={conversation} userId={userId} />;
	}
	if (problem === null) {
		return <div className={styles.centre}><Spinner label="Loading the conversation" /></div>;
	}
	return problem.status === 404 || problem.status === 403
		? (
			<EmptyState icon="search" title="Not found">
				<p>There is no such conversation, or you do not take part in it.</p>
			</EmptyState>
		)
		: (
			<EmptyState icon="warning" title="This could not be loaded">
				<p>{sentence(problem.message)}</p>
				<Button icon="retry" onClick={() => void retryLoading()}>Try again</Button>
			</EmptyState>
		);
}
