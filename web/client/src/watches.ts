// Channels to watch: a subscription is its connection's, so each connection is asked anew.

import type { ClientFrame } from './generated/frames';

/** The channels that somebody watches. */
export interface Watches {
	/** watch subscribes while anybody watches the channel, until the returned function is called. */
	watch(channel: string): () => void;
	/** connected subscribes to all of them. */
	connected(): void;
	/** refused says that the subscription of this ref was refused, and may be asked for again in so many seconds. */
	refused(ref: unknown, retryAfter: number): void;
	/** disconnected stops all timers. */
	disconnected(): void;
}

/** createWatches watches nothing yet. */
export function createWatches(send: (frame: ClientFrame) => boolean): Watches {
	const watchers = new Map<string, number>();
	const refused = new Set<string>(); // by this connection, for now
	let timer: ReturnType<typeof setTimeout> | undefined;

	function subscribe(channels: Iterable<string>): void {
		for (const channel of channels) if (watchers.has(channel)) send({ type: 'subscribe', channel, ref: refOf(channel) });
	}
	function quiet(): void {
		clearTimeout(timer);
		refused.clear();
	}
	return {
		watch(channel) {
			const count = watchers.get(channel) ?? 0;
			watchers.set(channel, count + 1);
			if (count === 0) subscribe([channel]);
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
			subscribe(watchers.keys());
		},
		refused(ref, retryAfter) {
			const channel = [...watchers.keys()].find((one) => refOf(one) === ref);
			if (channel === undefined) return;
			refused.add(channel);
			clearTimeout(timer);
			timer = setTimeout(() => {
				const again = [...refused];
				quiet();
				subscribe(again);
			}, retryAfter * 1000);
		},
		disconnected: quiet,
	};
}

function refOf(channel: string): string {
	return `watch ${channel}`;
}
