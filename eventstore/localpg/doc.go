// Package localpg runs a real PostgreSQL of our own, so that Chainmail needs
// no database to be set up before it.
//
// # Who does what
//
// Every process that wants the database calls [Use] with the same data
// directory: one process or many, long-lived or short. The first of them starts a keeper, a process
// of its own session that runs [Keep]; the keeper starts PostgreSQL as its child, starts it again when
// it dies, and stops it once nobody uses it any more.
//
// Nothing but the kernel's locks says who is there, so that a process that is killed is forgotten at
// once. All of it lives in <data dir>/postgres:
//
//	keeper.lock   held exclusively by the keeper
//	users.lock    held shared by every user; the keeper ends when it gets it exclusively
//	data          PostgreSQL's data directory; data.init while initdb is at work
//	run           the folder of the Unix socket, unless its path is too long for one
//	ready         the server's address, while it is ready
//	failed        why it could not be started, until the next try
//	pgsql         a copy of the programs, only where PostgreSQL's user cannot reach the originals
//	keeper.log    what the keeper says; locked for a moment by who looks at the locks above, one at a time
//	postgres.log  what PostgreSQL says; postgres.log.1 is the part before
//
// # Promises
//
// What was committed is kept (fsync stays on) and found again by the next start, whatever was killed
// before. PostgreSQL listens on a Unix socket that only its own user and root can open, never on TCP. The
// address stays the same when PostgreSQL or the keeper is replaced. On Linux nothing
// outlives a keeper that is killed; elsewhere the next keeper clears up.
//
// PostgreSQL refuses to run as root: there it runs as PG_RUN_AS, postgres or nobody. An existing data directory is
// never made anew and never upgraded: programs of the same major version have to be there.
//
// [StartTemp] is apart from all this: a server for tests, fast and forgetful.
package localpg
