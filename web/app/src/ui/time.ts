// Times as people say them, in the browser's language and time zone. Whatever does not parse is shown as the empty text.

const formats = {
	clock: new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }),
	weekday: new Intl.DateTimeFormat(undefined, { weekday: 'long' }),
	day: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' }),
	dayOfYear: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' }),
	shortDay: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }),
	number: new Intl.DateTimeFormat(undefined, { day: '2-digit', month: '2-digit', year: '2-digit' }),
	full: new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' }),
	relative: new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }),
};

/** How far back a day is, by the calendar: 0 is today, 1 yesterday. Negative for days to come. */
function daysAgo(date: Date, now: Date): number {
	const midnight = (of: Date): number => Date.UTC(of.getFullYear(), of.getMonth(), of.getDate());
	return Math.round((midnight(now) - midnight(date)) / 86_400_000);
}

function parsed(timestamp: string): Date | null {
	const date = new Date(timestamp);
	return Number.isNaN(date.getTime()) ? null : date;
}

function capital(text: string): string {
	return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** The time of day: 14:05. */
export function clockTime(timestamp: string): string {
	const date = parsed(timestamp);
	return date === null ? '' : formats.clock.format(date);
}

/** For the end of a list's line: the time of today, `Yesterday`, the weekday of the last six days, else the date. */
export function listTime(timestamp: string, now: Date): string {
	const date = parsed(timestamp);
	if (date === null) return '';
	const days = daysAgo(date, now);
	if (days <= 0) return formats.clock.format(date);
	if (days === 1) return capital(formats.relative.format(-1, 'day'));
	if (days < 7) return formats.weekday.format(date);
	return (date.getFullYear() === now.getFullYear() ? formats.shortDay : formats.number).format(date);
}

/** The heading of a day: `Today`, `Yesterday`, the weekday of the last six days, else the date, with its year if it is another. */
export function dayName(timestamp: string, now: Date): string {
	const date = parsed(timestamp);
	if (date === null) return '';
	const days = daysAgo(date, now);
	if (days === 0 || days === 1) return capital(formats.relative.format(-days, 'day'));
	if (days > 1 && days < 7) return formats.weekday.format(date);
	return (date.getFullYear() === now.getFullYear() ? formats.day : formats.dayOfYear).format(date);
}

/** A text that is the same for all times of one day here: where it changes from one entry to the next, a day's heading stands. */
export function dayKey(timestamp: string): string {
	const date = parsed(timestamp);
	return date === null ? '' : `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** How long ago: `now`, `5 minutes ago`, `3 hours ago`, `yesterday`, up to six days; then the date. The future counts as now. */
export function timeAgo(timestamp: string, now: Date): string {
	const date = parsed(timestamp);
	if (date === null) return '';
	const minutes = Math.floor((now.getTime() - date.getTime()) / 60_000);
	if (minutes < 1) return 'just now';
	if (minutes < 60) return formats.relative.format(-minutes, 'minute');
	const days = daysAgo(date, now);
	if (minutes < 24 * 60 && days < 2) return formats.relative.format(-Math.floor(minutes / 60), 'hour');
	if (days < 7) return formats.relative.format(-days, 'day');
	return (date.getFullYear() === now.getFullYear() ? formats.shortDay : formats.dayOfYear).format(date);
}

/** Everything: the day, the date and the time to the second. For the hint under the pointer. */
export function fullTime(timestamp: string): string {
	const date = parsed(timestamp);
	return date === null ? '' : formats.full.format(date);
}
