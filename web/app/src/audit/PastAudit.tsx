export function PastAudit(_: { readonly conversationId: string }) { return null; }
