package wallet

import (
	"strconv"
	"strings"
)

// minNonce is the least length of a nonce (EIP-4361, rule "nonce").
const minNonce = 8

// Parse reads a text of EIP-4361 by its ABNF, narrowed as the package's comment says. The error is
// an [*Error] of ErrTooLong, ErrMalformed, ErrVersion or ErrAddress.
func Parse(text string) (Message, error) {
	if len(text) > MaxText {
		return Message{}, &Error{Kind: ErrTooLong, Detail: "at most " + strconv.Itoa(MaxText) + " bytes are taken"}
	}
	r := reader{lines: strings.Split(text, "\n")}
	var m Message
	r.preamble(&m)
	m.Address = r.address()
	r.blank("after the address")
	if line, ok := r.peek(); ok && line != "" {
		m.Statement = r.next()
		r.demand(isStatement(m.Statement), "the statement has characters that may not be there")
	}
	r.blank("before the URI")
	m.URI = r.field(uriLabel)
	r.demand(isURI(m.URI), "URI should be a URI of RFC 3986")
	if r.field(versionLabel) != version {
		r.refuse(&Error{Kind: ErrVersion, Detail: "Version should be 1"})
	}
	m.ChainID = r.chain()
	m.Nonce = r.field(nonceLabel)
	r.demand(len(m.Nonce) >= minNonce && only(m.Nonce, letter+digit), "Nonce should be at least 8 letters and digits")
	m.IssuedAt = r.timestamp(issuedLabel)
	if r.at(expirationLabel) {
		m.ExpirationTime = r.timestamp(expirationLabel)
	}
	if r.at(notBeforeLabel) {
		m.NotBefore = r.timestamp(notBeforeLabel)
	}
	if r.at(requestLabel) {
		m.RequestID = r.field(requestLabel)
		r.demand(m.RequestID != "" && isEncoded(m.RequestID, inSegment), "Request ID has characters that may not be there")
	}
	m.Resources = r.resources()
	r.demand(len(r.lines) == 0, "there is a line too many, or one in the wrong place")
	if r.err != nil {
		return Message{}, r.err
	}
	return m, nil
}

// reader takes a text line by line. After the first refusal the rest of what it gives is worthless.
type reader struct {
	lines []string // not taken yet
	err   error    // the first refusal
}

func (r *reader) refuse(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) demand(ok bool, detail string) {
	if !ok {
		r.refuse(malformed(detail))
	}
}

func (r *reader) peek() (string, bool) {
	if len(r.lines) == 0 {
		return "", false
	}
	return r.lines[0], true
}

// next takes a line; past the end it is empty, which then is a line without its label.
func (r *reader) next() string {
	line, ok := r.peek()
	if ok {
		r.lines = r.lines[1:]
	}
	return line
}

// at says whether the next line begins with the label.
func (r *reader) at(label string) bool {
	line, ok := r.peek()
	return ok && strings.HasPrefix(line, label)
}

func (r *reader) blank(where string) {
	r.demand(r.next() == "", "there should be an empty line "+where)
}

func (r *reader) field(label string) string {
	value, ok := strings.CutPrefix(r.next(), label)
	r.demand(ok, "there should be a line "+strings.TrimSpace(label))
	return value
}

// preamble reads [ scheme "://" ] domain. No authority has a slash, so the first "://" ends a scheme.
func (r *reader) preamble(m *Message) {
	origin, ok := strings.CutSuffix(r.next(), preamble)
	r.demand(ok, "its first line should end in "+strconv.Quote(strings.TrimSpace(preamble)))
	m.Domain = origin
	if scheme, domain, found := strings.Cut(origin, "://"); found {
		r.demand(isScheme(scheme), "the scheme before the domain should be one of RFC 3986")
		m.Scheme, m.Domain = scheme, domain
	}
	a, ok := splitAuthority(m.Domain)
	r.demand(ok && a.host != "", "the domain should be an authority of RFC 3986 with a host")
}

func (r *reader) address() Address {
	line := r.next()
	a, ok := decodeAddress(line)
	if !ok {
		r.refuse(&Error{Kind: ErrAddress, Detail: "the second line should be 0x and 40 hex digits"})
	} else if line != a.String() {
		r.refuse(&Error{Kind: ErrAddress, Detail: "the case of its digits does not fit"})
	}
	return a
}

func (r *reader) chain() uint64 {
	text := r.field(chainLabel)
	id, err := strconv.ParseUint(text, 10, 64)
	r.demand(err == nil && text == strconv.FormatUint(id, 10), "Chain ID should be a number without leading zeros")
	return id
}

func (r *reader) timestamp(label string) Timestamp {
	t, ok := parseTimestamp(r.field(label))
	r.demand(ok, strings.TrimSuffix(label, ": ")+" should be a date-time of RFC 3339")
	return t
}

// resources reads the heading and what is under it; nil without the heading.
func (r *reader) resources() []string {
	if line, ok := r.peek(); !ok || line != resourcesHeading {
		return nil
	}
	r.next()
	list := []string{}
	for r.at(resourceLabel) {
		list = append(list, r.field(resourceLabel))
		r.demand(isURI(list[len(list)-1]), "every resource should be a URI of RFC 3986")
	}
	if len(list) > MaxResources {
		r.refuse(&Error{Kind: ErrTooLong, Detail: "at most " + strconv.Itoa(MaxResources) + " resources are taken"})
	}
	return list
}
