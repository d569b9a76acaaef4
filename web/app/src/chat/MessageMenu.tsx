import type { Message } from '@chainmail/client';
import { go } from '../router';
import { useMe } from '../session';
import { Menu, type MenuItem } from '../ui/Menu';
import type { MessageActions } from './MessageRow';

/** What can be done with a message that the log has. */
export function MessageMenu({ message, mine, actions, className }: {
	readonly message: Message;
	readonly mine: boolean;
	readonly actions: MessageActions;
	readonly className: string | undefined;
}) {
	const me = useMe();
	const { id, content } = message;
	const items: MenuItem[] = [];
	if (content !== null) {
		items.push({ label: 'Copy', icon: 'copy', onSelect: () => actions.copy(content) });
	}
	items.push({ label: 'Info', icon: 'info', onSelect: () => actions.showReceipts(id) });
	items.push({ label: 'Show proof', icon: 'shield', onSelect: () => go({ view: 'audit', messageId: id }) });
	if (content !== null && (mine || me.role === 'admin')) {
		items.push({ label: 'Erase…', icon: 'trash', danger: true, separated: true, onSelect: () => actions.erase(id) });
	}
	return <Menu label="What to do with this message" icon="down" items={items} className={className} />;
}
