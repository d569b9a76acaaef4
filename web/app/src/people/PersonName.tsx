import { useIsMe, useName } from './useName';

/** A user's name within a sentence: `you` for this user. */
export function PersonName({ id }: { readonly id: string }) {
	const name = useName(id);
	return <>{useIsMe(id) ? 'you' : name}</>;
}
