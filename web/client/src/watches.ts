// Channels to watch: a subscription is its connection's, so each connection is asked anew.

import type { ClientFrame } from './generated/frames';

/** The channels that somebody watches. */
export interface Watches {
	/** watch subscribes while anybody watches the channel, until the returned function is called. */
	watch(channel: string): () => void;
	/** connected subscribes to all of them. */
	connected(): void;
}

/** createWatches watches nothing yet. */
export function createWatches(send: (frame: ClientFrame) => boolean): Watches {
	const watchers = new Map<string, number>();
	return {
		watch(channel) {
			const count = watchers.get(channel) ?? 0;
			watchers.set(channel, count + 1);
			if (count === 0) send({ type: 'subscribe', channel });
			let watching = true;
			return () => {
				if (!watching) return;
				watching = false;
				const left = (watchers.get(channel) ?? 1) - 1;
				if (left > 0) return void watchers.set(channel, left);
				watchers.delete(channel);
				send({ type: 'unsubscribe', channel });
			};
		},
		connected() {
			for (const channel of watchers.keys()) send({ type: 'subscribe', channel });
		},
	};
}
