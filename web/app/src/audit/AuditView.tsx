export function AuditView(_props: object) { return <main>audit</main>; }
