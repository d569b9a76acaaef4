import { classes } from '../ui/classes';
import { Icon, type IconName } from '../ui/Icon';
import styles from './TickIcon.module.css';
import { type Tick, tickText } from './ticks';

const icons: Readonly<Record<Tick, IconName>> = { waiting: 'clock', sent: 'check', delivered: 'check-double', read: 'check-double' };

/** The sign for how far a message has come, and the word for screen readers. */
export function TickIcon({ tick }: { readonly tick: Tick }) {
	return (
		<span className={classes(styles.tick, tick === 'read' && styles.read)}>
			<Icon name={icons[tick]} size={tick === 'waiting' ? 13 : 16} />
			<span className="visually-hidden">{tickText(tick, true)}</span>
		</span>
	);
}
