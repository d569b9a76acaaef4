// Times to the second: in an audit the minute is not enough.

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** moment writes an RFC 3339 time with its date and seconds. */
export function moment(timestamp: string): string {
	const date = new Date(timestamp);
	return Number.isNaN(date.getTime()) ? '' : format.format(date);
}
