package auth

import (
	"slices"
	"strings"
)

// AllowsOrigin reports whether a list of origins, as operators write them, has the one of a request's Origin header (RFC 6454
// §7). Case is no matter, nor a slash at the end of one in the list.
func AllowsOrigin(list []string, origin string) bool {
	return slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(strings.TrimSuffix(o, "/"), origin) })
}
