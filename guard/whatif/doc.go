// Package whatif answers two questions about the guard and messages of the past: what another policy would have made of
// them (Trial), and how the policy that judged one of them came to its verdict (Past and Again).
//
// It reads events that its caller got from the log, and changes nothing. It asks no language model: what one said at the
// time is in the events.
package whatif
