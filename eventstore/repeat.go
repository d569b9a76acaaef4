package eventstore

import "chainmail/domain"

// answerRepeats answers what was put aside as a repeat of a command whose end is known by now, in the words of append_events. So any
// number of repeats of one command takes a call or two, and not one each.
func (a *appender) answerRepeats() {
	if a.aside == 0 {
		return
	}
	left := a.pending[:0]
	for _, c := range a.pending {
		if key, holder := a.batch.holderOf(&c); holder > 0 {
			a.log.stats.repeats.Add(1)
			c.answer(Result{Duplicate: holder, DuplicateKey: key, Head: a.log.Head()})
			a.aside--
			continue
		}
		left = append(left, c)
	}
	clear(a.pending[len(left):])
	a.pending = left
}

// hold notes which event has taken keys.
func (b *batch) hold(keys []domain.Key, holder domain.Position) {
	for _, k := range keys {
		b.holders[k] = holder
	}
}

// holderOf tells which event has taken the command's first key, by which append_events knows a repeat before all else; 0 if that is
// not known.
func (b *batch) holderOf(c *command) (key domain.Key, holder domain.Position) {
	if len(c.decision.Keys) == 0 {
		return key, 0
	}
	key = c.decision.Keys[0]
	return key, b.holders[key]
}
