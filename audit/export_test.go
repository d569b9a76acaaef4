package audit

// KeepInMemory has an auditor put records aside once it has so many.
func KeepInMemory(a *Auditor, records int) {
	a.messages.facts.limit, a.messages.clients.limit, a.messages.requests.limit = records, records, records
}

// Remember has a timeline know the latest of so many messages and notifications.
func Remember(t *Timeline, records int) { t.messages.limit, t.notifications.limit = records, records }
