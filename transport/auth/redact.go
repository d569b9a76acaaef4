package auth

import (
	"net/url"
	"regexp"
	"strings"
)

// redacted stands where a secret stood.
const redacted = "REDACTED"

// A JWT begins with the base64url of a brace and what may follow it in JSON: a quote or white space.
// Header, claims and signature are joined by dots (RFC 7515 §3.1).
var (
	jwtShape    = regexp.MustCompile(`e[yw][JAko0][A-Za-z0-9_-]*(?:(?:\.|%2[Ee])[A-Za-z0-9_-]*)+`)
	bearerShape = regexp.MustCompile(`(?i)\b(bearer(?:\.|\s+))[^\s,;]+`)
)

// RedactURL returns path and query of a request's URL as an access log may show them: the values of
// token, access_token, refresh_token and jwt, and of query, which is a person's name or a part of it, and of cursor, which can be
// decoded and may have a query in it, are replaced, names in any case and however escaped, and so is whatever looks like a JWT
// elsewhere. A pair that readers of queries understand in different ways is replaced whole.
func RedactURL(u *url.URL) string {
	var b strings.Builder
	b.WriteString(Redact(u.EscapedPath()))
	if u.RawQuery == "" {
		return b.String()
	}
	separator := "?"
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		b.WriteString(separator)
		separator = "&"
		b.WriteString(redactPair(pair))
	}
	return b.String()
}

// Redact replaces in a text, such as a header's value, whatever looks like a JWT or follows the
// word Bearer.
func Redact(text string) string {
	return jwtShape.ReplaceAllString(bearerShape.ReplaceAllString(text, "${1}"+redacted), redacted)
}

func redactPair(pair string) string {
	name, value, _ := strings.Cut(pair, "=")
	plain, err := url.QueryUnescape(name)
	switch {
	case err != nil || strings.Contains(pair, ";"):
		return redacted
	case value != "" && isPrivate(plain):
		return name + "=" + redacted
	}
	return Redact(pair)
}

func isPrivate(name string) bool {
	switch strings.ToLower(name) {
	case "token", "access_token", "refresh_token", "jwt", "query", "cursor":
		return true
	}
	return false
}
