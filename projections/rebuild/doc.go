// Package rebuild builds a projection's tables anew from the log, beside the live ones, and swaps
// them in; or compares the two.
//
// The shadow tables have the names of the live ones in a schema of their own, rebuild_<projection>.
// They are filled by the same Apply as live, which a search_path points there. While servers go on
// appending and projecting, the shadow catches up; then one transaction drops the live tables, moves
// the shadow's in their place and sets the offset row. Readers see the old tables or the new ones.
//
// Until that transaction commits, nothing of what is live has changed: a rebuild may be killed at any
// moment, and the next one starts with an empty shadow. One rebuild of a projection runs at a time,
// held by an advisory lock of the session that fills the shadow.
//
// The swap gives way: it waits for locks only for a moment, less than PostgreSQL's deadlock_timeout, so
// that no reader is ever picked as the victim of a deadlock, and tries again. It also waits until no
// transaction is left that could look into the new tables with a snapshot from before they were
// filled. docs/rebuild.md tells operators the same.
package rebuild
