package wallet

import (
	"crypto/subtle"
	"slices"
	"strings"
	"time"
)

// Expected is what the server wants a message to say. The zero value refuses every message.
type Expected struct {
	Domain   string        // authority of the page that asks, as "chat.example" or "127.0.0.1:8080"
	Origin   string        // scheme and authority that the URI must have, as "https://chat.example"
	ChainIDs []uint64      // the chains that will do; empty for any
	Nonce    string        // the nonce that was given out
	MaxAge   time.Duration // how long ago the message may have been issued
	Leeway   time.Duration // how far the clock of whoever made the message may be ahead
}

// Check says whether the message is the one that the server waits for, now. The first thing that
// doesn't fit is the error, an [*Error] of ErrDomain, ErrURI, ErrChain, ErrNonce, ErrIssuedInFuture,
// ErrIssuedTooLongAgo, ErrExpired or ErrNotYetValid, looked for in this order.
//
// Hosts and schemes have no case, and a port that is the scheme's own may be left out (RFC 3986
// §6.2.2.1 and §6.2.3). A scheme before the domain must be the one of Origin; without it Origin's is
// meant. The leeway is for a clock that is ahead, so for the two times that must have come; an
// expiration is what the signer agreed to and isn't stretched.
func Check(m Message, want Expected, now time.Time) error {
	origin, ok := splitURI(want.Origin)
	if !ok || origin.authority.host == "" {
		return &Error{Kind: ErrURI, Detail: "no origin is expected"}
	}
	if m.Scheme != "" && !strings.EqualFold(m.Scheme, origin.scheme) {
		return &Error{Kind: ErrDomain, Detail: "its scheme is another"}
	}
	if !sameDomain(m.Domain, want.Domain, origin.scheme) {
		return &Error{Kind: ErrDomain}
	}
	if u, ok := splitURI(m.URI); !ok || place(u.scheme, u.authority) != place(origin.scheme, origin.authority) {
		return &Error{Kind: ErrURI}
	}
	if len(want.ChainIDs) > 0 && !slices.Contains(want.ChainIDs, m.ChainID) {
		return &Error{Kind: ErrChain}
	}
	// Compared in constant time, so that an answer's delay doesn't tell a nonce digit by digit.
	if want.Nonce == "" || subtle.ConstantTimeCompare([]byte(m.Nonce), []byte(want.Nonce)) == 0 {
		return &Error{Kind: ErrNonce}
	}
	return checkTimes(m, want, now)
}

func checkTimes(m Message, want Expected, now time.Time) error {
	latest := now.Add(want.Leeway)
	switch {
	case m.IssuedAt.Time().After(latest):
		return &Error{Kind: ErrIssuedInFuture}
	case m.IssuedAt.Time().Before(now.Add(-want.MaxAge)):
		return &Error{Kind: ErrIssuedTooLongAgo}
	case !m.ExpirationTime.IsZero() && !now.Before(m.ExpirationTime.Time()):
		return &Error{Kind: ErrExpired}
	case !m.NotBefore.IsZero() && m.NotBefore.Time().After(latest):
		return &Error{Kind: ErrNotYetValid}
	}
	return nil
}

func sameDomain(got, want, scheme string) bool {
	g, ok := splitAuthority(got)
	w, okWant := splitAuthority(want)
	return ok && okWant && w.host != "" && place(scheme, g) == place(scheme, w)
}

// place writes an origin so that equal ones are equal texts. User information stays in it: who
// names some is not at the place that has none.
func place(scheme string, a authority) string {
	scheme = strings.ToLower(scheme)
	if a.port == "" {
		switch scheme {
		case "http":
			a.port = "80"
		case "https":
			a.port = "443"
		}
	}
	text := scheme + "://"
	if a.hasUserinfo {
		text += a.userinfo + "@"
	}
	return text + strings.ToLower(a.host) + ":" + a.port
}
