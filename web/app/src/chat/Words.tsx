import { memo } from 'react';
import { pieces } from './links';

/** A message's words exactly as they were written, with links that can be followed. */
export const Words = memo(function Words({ text }: { readonly text: string }) {
	return pieces(text).map((piece, index) => piece.href === null
		? piece.text
		: <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer">{piece.text}</a>);
});
