// Package audit reads a log in order, checks everything that can be checked of it, and says what is
// wrong, each with its position. It writes nothing.
//
// A [Source] gives the events: a database's snapshot ([OpenSnapshot]) or a file. An [Auditor] is shown
// all of them, from the first, and then told what others say of the log ([Claim]):
//
//	a := audit.New(options)
//	for each page of the source: a.Check(page)
//	summary, err := a.Finish(claims)
//
// # What is checked
//
// Positions follow one another from 1, and each time is later than the one before. Each leaf hash is that of its row.
// Each body is, to the byte, the one that the payload's hash names; it is there unless a ContentErased
// says that it went. Versions of a stream follow one another. Each seal begins where the one before
// ended, has the root of the tree up to there, and is signed with the key that was the log's own at its
// position. Each event was allowed when it happened ([domain.State.Lawful]); a receipt or erasure is of a
// message that is in the log, once. What the guard judged is sent right after, as it was judged. What it blocked is
// received by nobody, released at most once, and then sent right after, as it was blocked; the words are erased in both
// places or in neither. How the guard comes to a score is its policy's matter and not checked here. A notification is read
// by whom it is for, once; nothing is made twice by one idempotency_key. The log is at
// least as long as others say, and checkpoints that are held elsewhere begin it. A database's merkle_batches, from
// which checkpoints and proofs are served, has the log's seals and no others ([Snapshot.Findings]).
//
// # What a finding names
//
// An event that was changed, and whose leaf_hash was not, is named by its position. One whose leaf_hash was
// repaired as well no longer gives itself away: its batch does, since the seal's root was signed over
// the old hash. After the first bad root, the roots of all later seals are bad too, since they cover
// the same events; they are not told one by one. What no seal covers, nobody vouches for but checkpoints
// from outside.
//
// # Which keys are believed
//
// A log announces its keys: LogCreated the first, each LogKeyRotated, signed by the key before, the
// next. Without Options.TrustedKeys the log's own first key is believed, which shows that the log
// is whole, and not whose it is. With them, one has to be among the log's keys. The first key vouches for
// all that follows, through the announcements. A later one vouches for what came before it by a seal that it
// signed, since a seal covers the log from position 1; where it signed none, that is a finding.
//
// # Memory
//
// It follows the number of users, conversations, streams, releases, projects and tasks, not that of events: what has to
// be known of each message and notification until the end goes through temporary files, at about 100 bytes an event.
package audit
