package guard

import (
	"math/bits"
	"strings"
)

// maxTries bounds how many matches of one pattern are looked at when exceptions or unless make them void. Whoever
// writes more of them in one message gains nothing by it: the next one counts.
const maxTries = 16

// matcher judges one message by a policy's rules. It is used by one goroutine and then for the next message.
type matcher struct {
	policy   *Policy
	lists    map[string]*List
	text     *Text
	own      Text          // room for one
	hits     [views]bitset // by view, but inText: the patterns that are worth a closer look there
	literals [views]bitset // by view: the literals that stand there
	open     bitset        // the rules that may hold
	padded   padded        // room for the scanner
	excepted [views][]span // by view: where nothing counts
	asked    [views]bool   // excepted was worked out
	same     bool          // Joined is Folded
	bare     bool          // Bare is another text than both
}

// span is a part of a text in bytes.
type span struct{ start, end int }

// place is a span in one view.
type place struct {
	view view
	span
}

func newMatcher(g *Guard) *matcher {
	m := &matcher{policy: g.policy, lists: g.lists}
	for v := range m.hits {
		m.hits[v] = newBitset(len(g.policy.patterns))
		m.literals[v] = newBitset(len(g.policy.scanner.literals))
	}
	m.open = newBitset(len(g.policy.rules))
	return m
}

// begin makes m ready for a text.
func (m *matcher) begin(t *Text) {
	m.text = t
	for v := range m.excepted {
		m.excepted[v] = m.excepted[v][:0]
		m.asked[v] = false
	}
	copy(m.open, m.policy.unstarted)
	m.scan(inFolded)
	if m.same = t.Joined == t.Folded; !m.same {
		m.scan(inJoined)
	}
	if m.bare = t.Bare != t.Folded && t.Bare != t.Joined; m.bare {
		m.scan(inBare)
	}
	if m.policy.original {
		m.scan(inOriginal)
	}
}

func (m *matcher) scan(v view) {
	hits := m.hits[v]
	clear(hits)
	clear(m.literals[v])
	m.padded.set(m.in(v), v != inOriginal)
	m.policy.scanner.scan(&m.padded, m.literals[v], hits)
	for i, word := range hits {
		for ; word != 0; word &= word - 1 {
			if r := m.policy.patterns[i*64+bits.TrailingZeros64(word)].rule; r >= 0 {
				m.open.add(r)
			}
		}
	}
}

// in returns the text of a view.
func (m *matcher) in(v view) string {
	switch v {
	case inJoined:
		return m.text.Joined
	case inOriginal:
		return m.text.Original
	case inBare:
		return m.text.Bare
	}
	return m.text.Folded
}

// find returns the first match of a pattern that no exception covers.
func (m *matcher) find(id int) (place, bool) {
	return m.findUnless(id, nil)
}

// findUnless returns the first match of a pattern that neither an exception covers nor one of the patterns in unless overlaps.
func (m *matcher) findUnless(id int, unless []int) (place, bool) {
	v := m.policy.patterns[id].view
	if v != inText {
		return m.findIn(v, id, unless)
	}
	at, ok := m.findIn(inFolded, id, unless)
	if !ok && !m.same {
		at, ok = m.findIn(inJoined, id, unless)
	}
	if !ok && m.bare {
		at, ok = m.findIn(inBare, id, unless)
	}
	return at, ok
}

// mayMatch says whether a view holds the literals that the pattern needs, if it needs any.
func (m *matcher) mayMatch(v view, id int) bool {
	if m.policy.patterns[id].need == nil {
		return true
	}
	return m.hits[v].has(int32(id)) && m.policy.scanner.needs[id].met(m.literals[v])
}

// mayMatchAnywhere is mayMatch for the view or views that the pattern reads.
func (m *matcher) mayMatchAnywhere(id int) bool {
	v := m.policy.patterns[id].view
	switch {
	case v == inText && !(m.same && !m.bare):
		return m.mayMatch(inFolded, id) || !m.same && m.mayMatch(inJoined, id) || m.bare && m.mayMatch(inBare, id)
	case v == inBare && m.bare:
	case v == inBare && !m.same:
		v = inJoined
	case v == inText || v == inBare || v == inJoined && m.same:
		v = inFolded
	}
	return m.mayMatch(v, id)
}

func (m *matcher) findIn(v view, id int, unless []int) (place, bool) {
	// Joined is not scanned where it is Folded.
	if v == inBare && !m.bare {
		v = inJoined
	}
	if v == inJoined && m.same {
		v = inFolded
	}
	if !m.mayMatch(v, id) {
		return place{}, false
	}
	pattern, text := &m.policy.patterns[id], m.in(v)
	first := pattern.find(v, text)
	if first == nil {
		return place{}, false
	}
	if !m.void(v, span{first[0], first[1]}, unless) {
		return place{v, span{first[0], first[1]}}, true
	}
	all := pattern.expression().FindAllStringIndex(text, maxTries+1)
	for tries, s := range all {
		if at := (span{s[0], s[1]}); tries == maxTries || !m.void(v, at, unless) {
			return place{v, at}, true
		}
	}
	return place{}, false
}

// void says whether a match does not count.
func (m *matcher) void(v view, at span, unless []int) bool {
	for _, s := range m.exceptedIn(v) {
		if s.start <= at.start && at.end <= s.end {
			return true
		}
	}
	if len(unless) == 0 {
		return false
	}
	text := m.in(v)
	sentence := sentenceOf(text, at)
	for _, id := range unless {
		if !m.mayMatch(v, id) {
			continue
		}
		for _, s := range m.policy.patterns[id].expression().FindAllStringIndex(text[sentence.start:sentence.end], maxTries) {
			if sentence.start+s[0] < at.end && sentence.start+s[1] > at.start {
				return true
			}
		}
	}
	return false
}

// exceptedIn returns the matches of the policy's exceptions, at most maxTries of each.
func (m *matcher) exceptedIn(v view) []span {
	if m.asked[v] {
		return m.excepted[v]
	}
	m.asked[v] = true
	for _, id := range m.policy.exceptions.patterns {
		if !m.mayMatch(v, id) {
			continue
		}
		for _, s := range m.policy.patterns[id].expression().FindAllStringIndex(m.in(v), maxTries) {
			m.excepted[v] = append(m.excepted[v], span{s[0], s[1]})
		}
	}
	return m.excepted[v]
}

// sentenceOf returns the sentence around a match: up to a line break, or a full stop, question or exclamation mark or semicolon before white space.
func sentenceOf(text string, at span) span {
	start := at.start
	for start > 0 && !endsSentence(text, start-1) {
		start--
	}
	end := at.end
	for end < len(text) && !endsSentence(text, end) {
		end++
	}
	return span{start, end}
}

// endsSentence says whether the byte at i ends a sentence.
func endsSentence(text string, i int) bool {
	switch text[i] {
	case '\n':
		return true
	case '.', '!', '?', ';':
		return i+1 == len(text) || text[i+1] == ' ' || text[i+1] == '\n'
	}
	return false
}

// finding tells of a match in an explanation.
func (m *matcher) finding(rule string, at place) Finding {
	return Finding{Rule: rule, In: viewNames[at.view], Start: at.start, End: at.end, Text: strings.Clone(m.in(at.view)[at.start:at.end])}
}

// excepts says whether the whole message is an exception.
func (m *matcher) excepts() bool {
	for _, s := range m.policy.exceptions.texts {
		if strings.TrimSpace(m.text.Folded) == s {
			return true
		}
	}
	return false
}

// reasons returns what the rules say, in the policy's order. A rule about disguise counts only beside another.
func (m *matcher) reasons(explain *[]Finding) []Reason {
	var reasons []Reason
	disguised := false
	for i, word := range m.open {
		for ; word != 0; word &= word - 1 {
			r := &m.policy.rules[i*64+bits.TrailingZeros64(word)]
			if r.disguise != 0 {
				disguised = disguised || m.text.Disguise&r.disguise != 0
				continue
			}
			reasons = m.weigh(r, reasons, explain)
		}
	}
	if !disguised || len(reasons) == 0 {
		return reasons
	}
	for i := range m.policy.rules {
		if r := &m.policy.rules[i]; r.disguise != 0 {
			reasons = m.weigh(r, reasons, explain)
		}
	}
	return reasons
}

// weigh adds the rule to the reasons when it holds.
func (m *matcher) weigh(r *rule, reasons []Reason, explain *[]Finding) []Reason {
	before := 0
	if explain != nil {
		before = len(*explain)
	}
	if !r.holds(m, explain) {
		if explain != nil {
			*explain = (*explain)[:before]
		}
		return reasons
	}
	return append(reasons, Reason{Rule: r.name, Message: r.message, Weight: round(r.weight * m.policy.weights.rules)})
}
