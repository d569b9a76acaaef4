import { useChainmail, usePresence } from '@chainmail/react';

/** useName is a user's name, `You` for this user, and `…` until it is known. */
export function useName(id: string): string {
	const { userId } = useChainmail();
	const name = usePresence(id)?.name ?? '…';
	return id === userId ? 'You' : name;
}
