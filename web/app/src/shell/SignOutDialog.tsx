import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { waitingWords } from './endings';

const stays = 'What waits stays in this browser, and goes out when you sign in here again.';

/** Asks before one leaves what was not sent yet. */
export function SignOutDialog({ unsent, onClose, onLeave }: {
	readonly unsent: number;
	readonly onClose: () => void;
	readonly onLeave: () => void;
}) {
	const actions = (
		<>
			<Button onClick={onClose} data-autofocus>Stay</Button>
			<Button variant="danger" onClick={onLeave}>Sign out</Button>
		</>
	);
	return (
		<Dialog title="Sign out?" onClose={onClose} actions={actions}>
			<p>{unsent === 0 ? 'Meanwhile everything has been sent.' : `${waitingWords(unsent)} ${stays}`}</p>
		</Dialog>
	);
}
