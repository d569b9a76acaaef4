import { useEffect } from 'react';

const near = 6; // rows from the top at which older ones are loaded

/** How the loading of older messages goes. */
export interface Older {
	readonly loading: boolean;
	/** The last attempt failed: scrolling does not repeat it, so that a server in trouble is left alone. */
	readonly failed: boolean;
	readonly load: () => Promise<void>;
}

/** useOlder loads older messages when the first row in sight is near the top. */
export function useOlder({ loading, failed, load }: Older, complete: boolean, firstIndex: number): void {
	const wanted = !complete && !loading && !failed && firstIndex < near;
	useEffect(() => {
		if (wanted) {
			void load();
		}
	}, [wanted, load]);
}
