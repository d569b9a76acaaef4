import { ConfirmDialog } from './ConfirmDialog';

/** Asks before another user is blocked. */
export function BlockDialog({ name, onBlock, onClose }: {
	readonly name: string;
	readonly onBlock: () => void;
	readonly onClose: () => void;
}) {
	return (
		<ConfirmDialog title={`Block ${name}?`} confirm="Block" onConfirm={() => Promise.resolve(onBlock())} onClose={onClose}>
			<p>
				You will not be able to write to each other directly, and neither sees whether the other is online. Groups that
				you share go on. {name} is not told.
			</p>
		</ConfirmDialog>
	);
}
