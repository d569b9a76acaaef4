import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';
import { IconButton } from './IconButton';
import styles from './Menu.module.css';

/** A thing to do. With `checked` it is one of a choice. */
export interface MenuItem {
	readonly label: string;
	readonly icon?: IconName;
	readonly checked?: boolean;
	readonly danger?: boolean;
	readonly disabled?: boolean;
	/** A line above it. */
	readonly separated?: boolean;
	readonly onSelect: () => void;
}

/**
 * A button that opens a menu: with an icon alone, or with `children` in it. Enter, Space and the arrow down open it; arrows, Home and End
 * move in it; Escape and Tab close it (WAI-ARIA APG, menu button).
 */
export function Menu({ label, head, items, icon = 'more', children, className }: {
	/** What the button is for. */
	readonly label: string;
	/** What stands above the items. */
	readonly head?: ReactNode;
	readonly items: readonly MenuItem[];
	readonly icon?: IconName;
	readonly children?: ReactNode;
	readonly className?: string | undefined;
}) {
	const [open, setOpen] = useState(false);
	const button = useRef<HTMLButtonElement>(null);
	const menuId = useId();
	const close = (): void => {
		setOpen(false);
		button.current?.focus();
	};
	const pressed = (event: KeyboardEvent): void => {
		if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
		event.preventDefault();
		setOpen(true);
	};
	const props = {
		ref: button, 'aria-haspopup': 'menu', 'aria-expanded': open, 'aria-controls': open ? menuId : undefined,
		onClick: () => setOpen(!open), onKeyDown: pressed,
	} as const;
	return (
		<>
			{children === undefined
				? <IconButton {...props} icon={icon} label={label} className={className} />
				: <button type="button" {...props} className={classes(styles.button, className)} aria-label={label}>{children}</button>}
			{open && button.current !== null && <List id={menuId} label={label} head={head} items={items} anchor={button.current} onClose={close} />}
		</>
	);
}

/** The open menu. It stands beside its button in the document, and as a popover above all else, so that nothing cuts it off. */
function List({ id, label, head, items, anchor, onClose }: {
	readonly id: string;
	readonly label: string;
	readonly head: ReactNode;
	readonly items: readonly MenuItem[];
	readonly anchor: HTMLElement;
	readonly onClose: () => void;
}) {
	const ref = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		if (ref.current === null) return;
		if ('showPopover' in ref.current) ref.current.showPopover();
		place(ref.current, anchor);
		entries(ref.current)[0]?.focus({ preventScroll: true });
	}, [anchor]);
	const away = useEffectEvent((event: Event) => {
		if (event.target instanceof Node && (ref.current?.contains(event.target) || anchor.contains(event.target))) return;
		onClose();
	});
	useEffect(() => {
		const ended = new AbortController();
		document.addEventListener('pointerdown', away, { capture: true, signal: ended.signal });
		window.addEventListener('resize', away, { signal: ended.signal });
		return () => ended.abort();
	}, []);
	const pressed = (event: KeyboardEvent): void => {
		if (event.key === 'Tab') onClose();
		if (event.key === 'Escape') {
			event.preventDefault(); // or else a dialog around it closes too
			event.stopPropagation();
			onClose();
		}
		const next = nextEntry(event);
		if (next === undefined) return;
		event.preventDefault();
		next.focus();
	};
	return (
		<div ref={ref} id={id} role="menu" popover="manual" aria-label={label} className={styles.menu} onKeyDown={pressed}>
			{head !== undefined && <div role="presentation" className={styles.head}>{head}</div>}
			{items.map((item) => <Entry key={item.label} item={item} onClose={onClose} />)}
		</div>
	);
}

function Entry({ item, onClose }: { readonly item: MenuItem; readonly onClose: () => void }) {
	const choose = (): void => {
		onClose();
		item.onSelect();
	};
	return (
		<>
			{item.separated && <div role="separator" className={styles.separator} />}
			<button
				type="button" tabIndex={-1} disabled={item.disabled} role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
				aria-checked={item.checked} className={classes(styles.item, item.danger && styles.danger)} onClick={choose}
			>
				{item.icon !== undefined && <Icon name={item.icon} size={18} />}
				<span className={styles.label}>{item.label}</span>
				{item.checked && <Icon name="check" size={18} />}
			</button>
		</>
	);
}

function entries(menu: Element): HTMLElement[] {
	return [...menu.querySelectorAll<HTMLElement>('button:not(:disabled)')];
}

/** nextEntry is the entry that a key leads to; undefined for other keys. */
function nextEntry(event: KeyboardEvent): HTMLElement | undefined {
	const all = entries(event.currentTarget);
	const at = all.findIndex((entry) => entry === document.activeElement);
	switch (event.key) {
		case 'ArrowDown': return all[(at + 1) % all.length];
		case 'ArrowUp': return all[(at <= 0 ? all.length : at) - 1];
		case 'Home': return all[0];
		case 'End': return all[all.length - 1];
		default: return undefined;
	}
}

const gap = 6;

/** place puts the menu under its button, or above it where there is more room, and never beyond the window's edge. */
function place(menu: HTMLElement, anchor: HTMLElement): void {
	const at = anchor.getBoundingClientRect();
	const { offsetWidth: width, offsetHeight: height } = menu;
	const below = at.bottom + gap + height <= window.innerHeight || at.top < window.innerHeight - at.bottom;
	const left = at.left + width + gap <= window.innerWidth ? at.left : at.right - width;
	menu.style.top = `${Math.max(gap, below ? at.bottom + gap : at.top - gap - height)}px`;
	menu.style.left = `${Math.max(gap, left)}px`;
}
