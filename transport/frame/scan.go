package frame

// maxDepth bounds how deep lists and objects may lie in each other, the frame itself counted.
const maxDepth = 64

// scanner reads JSON (RFC 8259) in one pass, without building anything. It takes the texts that
// json.Valid takes, as far as they are not deeper than maxDepth. The data must be UTF-8.
type scanner struct {
	data []byte
	pos  int  // where reading goes on; after a fault, where it lies
	deep bool // the fault is the depth
}

// next skips white space and returns the byte after it, 0 at the end.
func (s *scanner) next() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// value reads one value. Like all methods below it returns false where the text is not JSON.
func (s *scanner) value(depth int) (value, bool) {
	c := s.next()
	switch {
	case c == '"':
		return s.text()
	case c == '{':
		return s.object(depth, nil)
	case c == '[':
		return s.array(depth)
	case c == '-' || isDigit(c):
		return s.number()
	case c == 't':
		return s.word("true", boolean)
	case c == 'f':
		return s.word("false", boolean)
	case c == 'n':
		return s.word("null", null)
	}
	return value{}, false
}

// object reads an object. If visit is not nil it is called for each member, in the order sent.
func (s *scanner) object(depth int, visit func(name, val value)) (value, bool) {
	v := value{kind: object}
	start := s.pos
	if !s.enter(depth) {
		return v, false
	}
	if s.next() == '}' {
		return s.leave(v, start)
	}
	for {
		if s.next() != '"' {
			return v, false
		}
		name, ok := s.text()
		if !ok || s.next() != ':' {
			return v, false
		}
		s.pos++
		val, ok := s.value(depth + 1)
		if !ok {
			return v, false
		}
		if visit != nil {
			visit(name, val)
		}
		v.fault = v.fault.or(name.fault).or(val.fault)
		switch s.next() {
		case ',':
			s.pos++
		case '}':
			return s.leave(v, start)
		default:
			return v, false
		}
	}
}

func (s *scanner) array(depth int) (value, bool) {
	v := value{kind: array}
	start := s.pos
	if !s.enter(depth) {
		return v, false
	}
	if s.next() == ']' {
		return s.leave(v, start)
	}
	for {
		element, ok := s.value(depth + 1)
		if !ok {
			return v, false
		}
		v.fault = v.fault.or(element.fault)
		switch s.next() {
		case ',':
			s.pos++
		case ']':
			return s.leave(v, start)
		default:
			return v, false
		}
	}
}

// enter passes an opening bracket, leave the closing one.
func (s *scanner) enter(depth int) bool {
	s.deep = depth >= maxDepth
	s.pos++
	return !s.deep
}

func (s *scanner) leave(v value, start int) (value, bool) {
	s.pos++
	v.raw = s.data[start:s.pos]
	return v, true
}

func (s *scanner) text() (value, bool) {
	v := value{kind: text}
	for i := s.pos + 1; i < len(s.data); {
		c := s.data[i]
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		if c == '"' {
			v.raw = s.data[s.pos : i+1]
			s.pos = i + 1
			return v, true
		}
		size, fault := 0, none
		if c == '\\' {
			_, size, fault = unescape(s.data[i:])
		}
		if size == 0 {
			s.pos = i
			return v, false
		}
		v.escaped = true
		v.fault = v.fault.or(fault)
		i += size
	}
	s.pos = len(s.data)
	return v, false
}

func (s *scanner) number() (value, bool) {
	start := s.pos
	s.pass('-')
	if !s.pass('0') && !s.digits() {
		return value{}, false
	}
	if s.pass('.') && !s.digits() {
		return value{}, false
	}
	if s.pass('e') || s.pass('E') {
		if !s.pass('+') {
			s.pass('-')
		}
		if !s.digits() {
			return value{}, false
		}
	}
	return value{kind: number, raw: s.data[start:s.pos]}, true
}

func (s *scanner) word(word string, k kind) (value, bool) {
	end := s.pos + len(word)
	if end > len(s.data) || string(s.data[s.pos:end]) != word {
		return value{}, false
	}
	v := value{kind: k, raw: s.data[s.pos:end]}
	s.pos = end
	return v, true
}

// pass skips the byte c if it comes next.
func (s *scanner) pass(c byte) bool {
	if s.pos < len(s.data) && s.data[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// digits skips digits and reports whether there was one.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && isDigit(s.data[s.pos]) {
		s.pos++
	}
	return s.pos > start
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
