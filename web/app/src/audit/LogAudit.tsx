export function LogAudit() { return null; }
