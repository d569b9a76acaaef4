import { usePresence } from '@chainmail/react';
import { useMe } from '../session';

/** useName is a user's name, `…` until it is known. */
export function useName(id: string): string {
	return usePresence(id)?.name ?? '…';
}

/** useIsMe tells whether it is this user. */
export function useIsMe(id: string): boolean {
	return useMe().id === id;
}
