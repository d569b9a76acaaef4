import { Component, type ReactNode } from 'react';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';

/**
 * Holds what goes wrong in a view, so that the rest of the page lives on. It is given a new `key` for another view. (React has no other way to
 * catch than a class.)
 */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
	override state = { failed: false };

	static getDerivedStateFromError(): { readonly failed: boolean } {
		return { failed: true };
	}

	override render(): ReactNode {
		if (!this.state.failed) return this.props.children;
		return (
			<EmptyState icon="warning" title="Something went wrong here">
				<p>Your messages are safe. Load the page again; what waits to be sent stays. If that does not help, use another view for now.</p>
				<Button variant="primary" icon="retry" onClick={() => location.reload()}>Load again</Button>
			</EmptyState>
		);
	}
}
