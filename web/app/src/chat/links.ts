// Links in a message's words. Nothing else in them is markup.

/** A piece of a text; `href` is set where it is a link. All pieces' texts together are the whole text. */
export interface Piece {
	readonly text: string;
	readonly href: string | null;
}

const candidate = /\bhttps?:\/\/[^\s<>"]+/giu;
const closers: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/**
 * pieces cuts a text into links and what is between them. Only addresses of http and https that a browser can read are
 * links.
 */
export function pieces(text: string): readonly Piece[] {
	const found: Piece[] = [];
	let end = 0;
	for (const match of text.matchAll(candidate)) {
		const address = withoutTail(match[0]);
		if (!URL.canParse(address)) {
			continue;
		}
		if (match.index > end) {
			found.push({ text: text.slice(end, match.index), href: null });
		}
		found.push({ text: address, href: address });
		end = match.index + address.length;
	}
	if (end < text.length || found.length === 0) {
		found.push({ text: text.slice(end), href: null });
	}
	return found;
}

// Signs at an address' end mostly belong to the sentence: a full stop, and a bracket that was opened before the
// address.
function withoutTail(address: string): string {
	let end = address.length;
	for (; end > 0; end--) {
		const last = address.charAt(end - 1);
		const opener = closers[last];
		if (opener !== undefined) {
			const kept = address.slice(0, end);
			if (kept.split(opener).length >= kept.split(last).length) {
				break;
			}
		} else if (!'.,;:!?\'’”“»«*_~…'.includes(last)) {
			break;
		}
	}
	return address.slice(0, end);
}
