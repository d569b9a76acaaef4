import { useEffect, useEffectEvent, useState } from 'react';
import { IconButton } from '../ui/IconButton';
import { moment } from './moments';
import { useNames } from './names';
import { describe, type PastFrame } from './past';
import styles from './Timeline.module.css';

const pace = 700; // milliseconds for an event

/** The slider over a conversation's events. `at` is how many of them have happened. Arrows step, and the play button runs to the end. */
export function Timeline({ frames, at, onMove }: {
	readonly frames: readonly PastFrame[];
	readonly at: number;
	readonly onMove: (at: number) => void;
}) {
	const name = useNames();
	const [playing, setPlaying] = useState(false);
	const frame = frames[at - 1];
	const isLast = at >= frames.length;
	useTick(playing && !isLast, () => onMove(at + 1));
	const move = (to: number): void => {
		setPlaying(false);
		onMove(Math.min(Math.max(to, 0), frames.length));
	};
	const play = (): void => {
		if (isLast) onMove(0);
		setPlaying(!playing || isLast);
	};
	const what = frame === undefined ? 'Before it began' : describe(frame, name);
	const where = frame === undefined ? '' : `Position ${frame.position.toLocaleString('en')}, ${moment(frame.timestamp)}`;
	const running = playing && !isLast;
	return (
		<section className={styles.timeline} aria-label="The moment">
			<div className={styles.told}>
				<strong>{what}</strong>
				<span>{where}</span>
			</div>
			<div className={styles.controls}>
				<IconButton icon={running ? 'pause' : 'play'} label={running ? 'Pause' : 'Play'} onClick={play} />
				<IconButton icon="back" label="The event before" disabled={at === 0} onClick={() => move(at - 1)} />
				<input
					type="range" className={styles.slider} min={0} max={frames.length} value={at} aria-label="Events that have happened"
					aria-valuetext={`${what}. ${where}`} onChange={(event) => move(event.currentTarget.valueAsNumber)}
				/>
				<IconButton icon="back" className={styles.next} label="The next event" disabled={isLast} onClick={() => move(at + 1)} />
				<span className={styles.count}>{at.toLocaleString('en')} / {frames.length.toLocaleString('en')}</span>
			</div>
		</section>
	);
}

/** useTick calls a function at the pace of the play button, as long as it runs. */
function useTick(running: boolean, tick: () => void): void {
	const ticked = useEffectEvent(tick);
	useEffect(() => {
		if (!running) return undefined;
		const timer = setInterval(() => ticked(), pace);
		return () => clearInterval(timer);
	}, [running]);
}
