import styles from './Avatar.module.css';
import { classes } from './classes';
import { Icon } from './Icon';

const hues = 10; // as many as tokens.css has

/** The hue of an id, from 1: the same on every page and every day (FNV-1a, 32 bits). */
export function hueOf(id: string): number {
	let hash = 0x811c9dc5;
	for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
	return ((hash >>> 0) % hues) + 1;
}

/** One or two letters for a name. An account that is named after its wallet gets the first digits of the address. */
export function initials(name: string): string {
	if (/^0x[0-9a-f]{4}/i.test(name)) return name.slice(2, 4);
	const words = name.trim().split(/\s+/);
	const letters = [words[0], words.length > 1 ? words[words.length - 1] : undefined].map((word) => [...(word ?? '')][0] ?? '');
	return letters.join('').toLocaleUpperCase() || '?';
}

/**
 * A user's or group's picture, in a colour that follows from the id. The name stands beside it, so that screen readers are told nothing but
 * `online`.
 */
export function Avatar({ id, name, online = false, group = false, size = 'medium' }: {
	readonly id: string;
	readonly name: string;
	readonly online?: boolean | undefined;
	readonly group?: boolean;
	readonly size?: 'small' | 'medium' | 'large';
}) {
	return (
		<span className={classes(styles.avatar, styles[size], styles[`hue${hueOf(id)}`])}>
			{/* The letters are a picture and no text: what a control around them is called need not have them. */}
			{group ? <Icon name="group" size={size === 'small' ? 16 : 20} /> : <span className={styles.letters} data-letters={initials(name)} />}
			{online && <span className={styles.online}><span className="visually-hidden">online</span></span>}
		</span>
	);
}
