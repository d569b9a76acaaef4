import type { icons } from './icons';

/** The name of an icon. */
export type IconName = keyof typeof icons;

/** A drawing beside words or in a control that has a label of its own: screen readers never hear of it. `size` is in pixels. */
export function Icon({ name, size = 20, className }: {
	readonly name: IconName;
	readonly size?: number;
	readonly className?: string | undefined;
}) {
	return (
		<svg
			aria-hidden="true" className={className} width={size} height={size} viewBox="0 0 24 24" fill="none"
			stroke="currentColor" strokeWidth={name === 'more' ? 2.5 : 1.75} strokeLinecap="round" strokeLinejoin="round"
		>
			<use href={`#icon-${name}`} />
		</svg>
	);
}
