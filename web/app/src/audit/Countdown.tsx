import { useEffect, useState } from 'react';

/** `in 4 s`, each second less. `until` is in milliseconds since 1970. Screen readers hear none of it. */
export function Countdown({ until }: { readonly until: number }) {
	const [now, setNow] = useState(() => Date.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), 1000);
		return () => clearInterval(timer);
	}, []);
	const seconds = Math.max(0, Math.ceil((until - now) / 1000));
	return <span aria-hidden="true">{seconds === 0 ? 'now' : `in ${seconds} s`}</span>;
}
