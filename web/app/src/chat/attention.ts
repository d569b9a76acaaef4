// Whether somebody looks at this tab.

/** attentive says whether the tab is shown and has the focus. */
export function attentive(): boolean {
	return document.visibilityState === 'visible' && document.hasFocus();
}

/** onAttention calls the listener whenever that may have changed, until the returned function is called. */
export function onAttention(listener: () => void): () => void {
	window.addEventListener('focus', listener);
	window.addEventListener('blur', listener);
	document.addEventListener('visibilitychange', listener);
	return () => {
		window.removeEventListener('focus', listener);
		window.removeEventListener('blur', listener);
		document.removeEventListener('visibilitychange', listener);
	};
}
