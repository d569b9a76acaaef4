import { LoginPage } from './login/LoginPage';
import { SessionProvider } from './session';
import { ErrorBoundary } from './shell/ErrorBoundary';
import { Shell } from './shell/Shell';
import { Waiting } from './shell/Waiting';
import { ToastProvider } from './ui/toasts';

/** The whole page. */
export function App() {
	return (
		<ErrorBoundary>
			<ToastProvider>
				<SessionProvider login={(begun) => <LoginPage onBegun={begun} />} waiting={<Waiting />}>
					<Shell />
				</SessionProvider>
			</ToastProvider>
		</ErrorBoundary>
	);
}
