/** download hands the user a file with this text. */
export function download(name: string, text: string, type = 'application/json'): void {
	const url = URL.createObjectURL(new Blob([text], { type }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser has begun to read it by then
}

/** asJson writes a value for people and programs. */
export function asJson(value: unknown): string {
	return `${JSON.stringify(value, null, '\t')}\n`;
}
