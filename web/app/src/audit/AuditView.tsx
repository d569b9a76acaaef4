import { LogAudit } from './LogAudit';
import { MessageAudit } from './MessageAudit';
import { PastAudit } from './PastAudit';

/** What can be checked: a message, a conversation's past, or the log as a whole. */
export function AuditView({ messageId, conversationId }: { readonly messageId?: string; readonly conversationId?: string }) {
	if (messageId !== undefined) return <MessageAudit key={messageId} messageId={messageId} />;
	if (conversationId !== undefined) return <PastAudit key={conversationId} conversationId={conversationId} />;
	return <LogAudit />;
}
