import { Trouble } from '@chainmail/client';
import { useClient, usePresence } from '@chainmail/react';
import { useEffect, useState } from 'react';

/** useNobody says whether the server knows no such user; false for null, and until it has said so. */
export function useNobody(userId: string | null): boolean {
	const client = useClient();
	const unknown = usePresence(userId) === undefined;
	const asked = unknown ? userId : null;
	const [missingId, setMissingId] = useState<string | null>(null);
	useEffect(() => {
		if (asked === null) {
			return undefined;
		}
		let current = true;
		client.api.user(asked).catch((error: unknown) => {
			if (current && error instanceof Trouble && error.status === 404) {
				setMissingId(asked);
			}
		});
		return () => {
			current = false;
		};
	}, [client, asked]);
	return asked !== null && missingId === asked;
}
