package auth

import (
	"net/http"
	"strings"
)

// Subprotocol is the WebSocket subprotocol that the server speaks and answers with.
const Subprotocol = "chainmail.v1"

const bearerProtocol = "bearer."

// FromRequest finds the token of a WebSocket handshake. It looks in three places and takes the
// first that has one: the header "Authorization: Bearer", the subprotocol "bearer.<JWT>", the query
// parameter "token". The order is from the most to the least private, so that a token left in a
// bookmarked address never beats one that the program sent on purpose.
//
// An Authorization of another scheme, as a proxy may add, is passed over. No token anywhere is
// ErrTokenMissing; a place that holds several, a Bearer with spaces inside, or a parameter that cannot
// be decoded is ErrTokenInvalid. The subprotocol is what to answer with: [Subprotocol] if the client offered it, else "". It is
// set with every error too, since the handshake is completed before the socket is closed.
func FromRequest(r *http.Request) (token, subprotocol string, err error) {
	offered, subprotocol := fromProtocols(r.Header)
	token, err = FromHeader(r.Header)
	if err == nil || !isMissing(err) {
		return token, subprotocol, err
	}
	for _, found := range [][]string{offered, nonEmpty(r.URL.Query()["token"])} {
		switch len(found) {
		case 0:
		case 1:
			return found[0], subprotocol, nil
		default:
			return "", subprotocol, invalid("several tokens are given")
		}
	}
	if hasUndecodable(r.URL.RawQuery) {
		return "", subprotocol, invalid("the query parameter cannot be decoded")
	}
	return "", subprotocol, missing("no header, subprotocol or query parameter has one")
}

// hasUndecodable reports whether a query from which url.Values took no token has one nevertheless: what cannot be
// decoded is left out there without a word.
func hasUndecodable(query string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		if value, ok := strings.CutPrefix(pair, "token="); ok && value != "" {
			return true
		}
	}
	return false
}

// FromHeader finds the token in "Authorization: Bearer" (RFC 6750 §2.1), the only place where the
// HTTP API takes it. Errors are as in FromRequest.
func FromHeader(h http.Header) (string, error) {
	var tokens []string
	for _, line := range h.Values("Authorization") {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		tokens = append(tokens, strings.Fields(rest)...)
	}
	switch len(tokens) {
	case 0:
		return "", missing("no Authorization: Bearer header")
	case 1:
		return tokens[0], nil
	}
	return "", invalid("Authorization: Bearer has several parts")
}

func fromProtocols(h http.Header) (tokens []string, subprotocol string) {
	for _, line := range h.Values("Sec-WebSocket-Protocol") {
		for offer := range strings.SplitSeq(line, ",") {
			offer = strings.TrimSpace(offer)
			if offer == Subprotocol {
				subprotocol = Subprotocol
			}
			if token, ok := strings.CutPrefix(offer, bearerProtocol); ok && token != "" {
				tokens = append(tokens, token)
			}
		}
	}
	return tokens, subprotocol
}

func isMissing(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Kind == ErrTokenMissing
}

func nonEmpty(values []string) []string {
	var kept []string
	for _, v := range values {
		if v != "" {
			kept = append(kept, v)
		}
	}
	return kept
}
