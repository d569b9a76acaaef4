package wallet

import (
	"net/netip"
	"strings"
)

// The character classes of RFC 3986 §2 and RFC 5234 appendix B.1.
const (
	digit      = "0123456789"
	letter     = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	hexDigit   = digit + "abcdefABCDEF"
	unreserved = letter + digit + "-._~"
	genDelims  = ":/?#[]@"
	subDelims  = "!$&'()*+,;="
)

// The sets that percent-encoded bytes may mix with, each from its rule in RFC 3986 §3.
const (
	inUserinfo = unreserved + subDelims + ":"
	inRegName  = unreserved + subDelims
	inSegment  = unreserved + subDelims + ":@" // pchar
	inPath     = inSegment + "/"
	inQuery    = inSegment + "/?" // and fragment
)

// isStatement checks the rule "statement" of EIP-4361: ASCII with no line break, no quotes and no
// percent sign.
func isStatement(s string) bool { return only(s, unreserved+genDelims+subDelims+" ") }

// isScheme checks RFC 3986 §3.1.
func isScheme(s string) bool {
	return s != "" && strings.IndexByte(letter, s[0]) >= 0 && only(s, letter+digit+"+-.")
}

// authority is RFC 3986 §3.2 in its parts. The port is what follows the colon.
type authority struct {
	userinfo, host, port string
	hasUserinfo          bool
}

func splitAuthority(s string) (a authority, ok bool) {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		a.userinfo, a.hasUserinfo, s = s[:at], true, s[at+1:]
	}
	rest := ""
	if end := strings.IndexByte(s, ']'); strings.HasPrefix(s, "[") && end > 0 {
		a.host, rest = s[:end+1], s[end+1:]
		ok = isIPLiteral(s[1:end])
	} else {
		colon := strings.IndexByte(s, ':')
		if colon < 0 {
			colon = len(s)
		}
		a.host, rest = s[:colon], s[colon:]
		ok = isEncoded(a.host, inRegName) // an IPv4address is a reg-name too
	}
	if rest != "" {
		if rest[0] != ':' {
			return a, false
		}
		a.port = rest[1:]
	}
	return a, ok && isEncoded(a.userinfo, inUserinfo) && only(a.port, digit)
}

// isIPLiteral checks what stands between the brackets of RFC 3986 §3.2.2.
func isIPLiteral(s string) bool {
	if strings.HasPrefix(s, "v") || strings.HasPrefix(s, "V") { // IPvFuture
		version, tail, _ := strings.Cut(s[1:], ".")
		return version != "" && only(version, hexDigit) && tail != "" && only(tail, inUserinfo)
	}
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is6() && addr.Zone() == ""
}

// uri is RFC 3986 §3 as far as a login compares it.
type uri struct {
	scheme    string
	authority authority // zero where there is none
}

func splitURI(s string) (u uri, ok bool) {
	u.scheme, s, ok = strings.Cut(s, ":")
	if !ok || !isScheme(u.scheme) {
		return uri{}, false
	}
	s, fragment, _ := strings.Cut(s, "#")
	s, query, _ := strings.Cut(s, "?")
	if rest, found := strings.CutPrefix(s, "//"); found {
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			slash = len(rest)
		}
		if u.authority, ok = splitAuthority(rest[:slash]); !ok {
			return uri{}, false
		}
		s = rest[slash:]
	}
	return u, isEncoded(s, inPath) && isEncoded(query, inQuery) && isEncoded(fragment, inQuery)
}

func isURI(s string) bool {
	_, ok := splitURI(s)
	return ok
}

// only says whether every byte of s is in the set.
func only(s, set string) bool { return strings.Trim(s, set) == "" }

// isEncoded says whether s has bytes of the set and percent-encoded ones (RFC 3986 §2.1) alone.
func isEncoded(s, set string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			if strings.IndexByte(set, s[i]) < 0 {
				return false
			}
			continue
		}
		if len(s) < i+3 || !only(s[i+1:i+3], hexDigit) {
			return false
		}
		i += 2
	}
	return true
}
