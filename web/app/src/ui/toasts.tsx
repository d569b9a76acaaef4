import { createContext, type ReactNode, useCallback, useContext, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';
import { IconButton } from './IconButton';
import styles from './toasts.module.css';

/** Something to be told in passing. */
export interface Toast {
	readonly title: string;
	readonly message?: string;
	/** Left out: `info`. */
	readonly tone?: 'info' | 'good' | 'warn' | 'bad';
	/** Where to go from there: a route's href, or an address. */
	readonly link?: { readonly href: string; readonly label: string };
	readonly icon?: IconName;
}

interface Shown extends Toast {
	readonly id: number;
}

const most = 4; // of more, the oldest goes
const shortest = 5_000;
const perCharacter = 45; // long enough to be read

const icons = { info: 'info', good: 'check', warn: 'warning', bad: 'warning' } as const;

const Context = createContext<(toast: Toast) => void>(() => undefined);

/** useToast returns the function that shows a toast. It is always the same one. At most 4 are shown: another one drops the oldest. */
export function useToast(): (toast: Toast) => void {
	return useContext(Context);
}

/** Shows the toasts of all within it. One that leads to a place in the page goes when that place is opened. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
	const [shown, setShown] = useState<readonly Shown[]>([]);
	const count = useRef(0);
	const region = useRef<HTMLElement>(null);
	const show = useCallback((toast: Toast) => {
		const id = ++count.current;
		setShown((before) => [...before, { ...toast, id }].slice(-most));
	}, []);
	useLayoutEffect(() => {
		const element = region.current;
		if (element === null || shown.length === 0 || !('showPopover' in element)) return;
		element.popover = 'manual'; // shown anew it is above a dialog too, which was opened before
		element.hidePopover();
		element.showPopover();
	}, [shown]);
	useEffect(() => {
		const arrived = (): void => setShown((before) => before.filter(({ link }) => link?.href !== location.hash));
		addEventListener('hashchange', arrived);
		return () => removeEventListener('hashchange', arrived);
	}, []);
	const dismiss = (id: number): void => setShown((before) => before.filter((toast) => toast.id !== id));
	return (
		<Context value={show}>
			{children}
			<section ref={region} className={styles.region} aria-label="Messages from Chainmail">
				<ol aria-live="polite" aria-relevant="additions">
					{shown.map((toast) => <Entry key={toast.id} toast={toast} onDone={() => dismiss(toast.id)} />)}
				</ol>
			</section>
		</Context>
	);
}

/** One toast. It goes by itself, but not while the pointer or the focus is on it. */
function Entry({ toast, onDone }: { readonly toast: Shown; readonly onDone: () => void }) {
	const { title, message, tone = 'info', link } = toast;
	const [held, setHeld] = useState(false);
	const done = useEffectEvent(onDone);
	useEffect(() => {
		if (held) return undefined;
		const timer = setTimeout(() => done(), shortest + perCharacter * (title.length + (message?.length ?? 0)));
		return () => clearTimeout(timer);
	}, [held, title, message]);
	return (
		<li
			className={classes(styles.toast, styles[tone])} onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)}
			onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}
		>
			<span className={styles.icon}><Icon name={toast.icon ?? icons[tone]} /></span>
			<div className={styles.text}>
				<strong>{title}</strong>
				{message !== undefined && <p>{message}</p>}
				{link !== undefined && <ToastLink {...link} onFollow={onDone} />}
			</div>
			<IconButton icon="close" label="Dismiss" onClick={onDone} />
		</li>
	);
}

/** A link within the page closes its toast; another one opens in a tab of its own. */
function ToastLink({ href, label, onFollow }: { readonly href: string; readonly label: string; readonly onFollow: () => void }) {
	const outside = /^https?:/i.test(href);
	return outside
		? <a href={href} target="_blank" rel="noreferrer">{label}</a>
		: <a href={href} onClick={onFollow}>{label}</a>;
}
