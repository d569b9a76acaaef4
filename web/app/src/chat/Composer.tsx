import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useMemo } from 'react';
import { classes } from '../ui/classes';
import { IconButton } from '../ui/IconButton';
import styles from './Composer.module.css';
import { bytesLeft, byteWarning, sendable } from './length';
import { createTypist } from './typist';
import { keepText, useUnfinished } from './unfinished';

/** Whether this is a device without a mouse: its Enter key makes lines, and its keyboard is not opened unasked. */
function touched(): boolean {
	return matchMedia('(pointer: coarse)').matches;
}

/** writeOn puts the focus where one writes, unless that would open a phone's keyboard unasked. */
export function writeOn(area: HTMLTextAreaElement | null): void {
	if (!touched()) {
		area?.focus({ preventScroll: true });
	}
}

/** Where one writes, in `area`. What is begun is kept under `textKey`, also while another conversation is open. */
export function Composer({ area, textKey, send, typing }: {
	readonly area: RefObject<HTMLTextAreaElement | null>;
	readonly textKey: string;
	readonly send: (words: string) => void;
	readonly typing: (isTyping: boolean) => void;
}) {
	const text = useUnfinished(textKey);
	const typist = useMemo(() => createTypist(typing), [typing]);
	const left = bytesLeft(text);

	useEffect(() => typist.rested, [typist]);
	useEffect(() => writeOn(area.current), [area]);
	useLayoutEffect(() => {
		if (area.current !== null) {
			area.current.style.height = 'auto';
			area.current.style.height = `${area.current.scrollHeight}px`;
		}
	}, [area, text]);

	const submit = (): void => {
		if (!sendable(text)) {
			return;
		}
		send(text);
		keepText(textKey, '');
		typist.rested();
		area.current?.focus();
	};
	const pressed = (event: KeyboardEvent): void => {
		// While an input method is composing, Enter is the choice of a word. With Safari it has ended by then; the key's code is 229.
		const composing = event.nativeEvent.isComposing || event.keyCode === 229;
		if (event.key === 'Enter' && !event.shiftKey && !composing && !touched()) {
			event.preventDefault();
			submit();
		}
	};
	return (
		<form
			className={styles.composer} onSubmit={(event) => {
				event.preventDefault();
				submit();
			}}
		>
			<div className={styles.box}>
				<textarea
					ref={area} rows={1} value={text} placeholder="Write a message" aria-label="Message" className={styles.area}
					aria-describedby={left < byteWarning ? 'composer-left' : undefined} aria-invalid={left < 0 || undefined} onKeyDown={pressed}
					onBlur={typist.rested} onChange={(event) => {
						keepText(textKey, event.target.value);
						typist.wrote(event.target.value);
					}}
				/>
				{left < byteWarning && (
					<span id="composer-left" className={classes(styles.left, left < 0 && styles.over)} role={left < 0 ? 'alert' : undefined}>
						{left < 0 ? `${(-left).toLocaleString()} bytes too long` : `${left.toLocaleString()} bytes left`}
					</span>
				)}
			</div>
			<IconButton type="submit" icon="send" label="Send" className={styles.send} disabled={!sendable(text)} />
		</form>
	);
}
