import { useNow } from './clock';
import { clockTime, fullTime, listTime, timeAgo } from './time';

/**
 * A time that keeps true by itself, with the whole of it under the pointer. `ago` says how long ago, `list` is for the end of a list's line,
 * `clock` is the time of day. `at` is RFC 3339.
 */
export function TimeAgo({ at, as = 'ago', className }: {
	readonly at: string;
	readonly as?: 'ago' | 'list' | 'clock';
	readonly className?: string | undefined;
}) {
	const now = useNow();
	const texts = { ago: timeAgo, list: listTime, clock: clockTime };
	return <time dateTime={at} title={fullTime(at)} className={className}>{texts[as](at, now)}</time>;
}
