package guard

import (
	_ "embed" // for the names
	"net/netip"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed tlds.txt
var tldText string

// tlds are the names of tlds.txt; true for the sure ones.
var tlds = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	sure := false
	for line := range strings.Lines(tldText) {
		for name := range strings.FieldsSeq(line) {
			if name == "#" {
				break
			}
			if name[0] == '[' {
				sure = name == "[sure]"
				break
			}
			names[name] = sure
		}
	}
	return names
})

// mayHaveLinks says whether there is a dot in the text, or the word.
func mayHaveLinks(s string, met uint16) bool {
	return met&metPoint != 0 || strings.Contains(s, "dot") || met&metUpper != 0 && (strings.Contains(s, "DOT") || strings.Contains(s, "Dot"))
}

// findLinks finds the addresses in s, which is plain and in lower case, with its look-alike letters still there.
func (t *Text) findLinks(s string, met uint16) {
	if !mayHaveLinks(s, met) {
		return
	}
	s, seams := undisguiseLinks(s, met)
	for i := 0; i < len(s) && len(t.Links) < maxLinks; {
		j := i
		for j < len(s) && byteKinds[s[j]]&metPoint == 0 {
			j++
		}
		if j == len(s) {
			return
		}
		if s[j] == ':' {
			if start := afterScheme(s, i, j); start > 0 {
				if end := numberEnd(s, start); end > 0 {
					i = t.addNumber(s, start, end, seams)
					continue
				}
				i = t.addLink(s, start, hostEnd(s, start), true, seams)
				continue
			}
		} else if start := hostStart(s, i, j); start < j && j+1 < len(s) && s[j+1] != '.' && hostRune(s[j+1:]) > 0 {
			i = t.addLink(s, start, hostEnd(s, j), false, seams)
			continue
		}
		i = j + 1
	}
}

// numberEnd returns the end of an IPv6 address in brackets that begins at start, 0 if there is none (RFC 3986 §3.2.2).
func numberEnd(s string, start int) int {
	if start >= len(s) || s[start] != '[' {
		return 0
	}
	inside, _, closed := strings.Cut(s[start+1:min(len(s), start+48)], "]")
	if _, err := netip.ParseAddr(inside); err != nil || !closed {
		return 0
	}
	return start + 1 + len(inside) + 1
}

// addNumber takes the IPv6 address s[start:end], brackets included, as a link and returns where to go on.
func (t *Text) addNumber(s string, start, end int, seams []int) int {
	tail := linkTail(s, end)
	link := Link{URL: s[start:tail], Host: s[start+1 : end-1], Skeleton: s[start+1 : end-1], Disguised: seamIn(seams, start, tail)}
	if link.Disguised {
		t.Disguise |= Hidden
	}
	t.Links = append(t.Links, link)
	return tail
}

// hostStart returns where the characters of a host begin that end before j, not before floor.
func hostStart(s string, floor, j int) int {
	start := j
	for start > floor {
		_, size := utf8.DecodeLastRuneInString(s[floor:start])
		if hostRune(s[start-size:]) == 0 {
			break
		}
		start -= size
	}
	for start < j && (s[start] == '.' || s[start] == '-' || s[start] == '_') {
		start++
	}
	return start
}

// hostEnd returns where the characters of a host end that begin at i.
func hostEnd(s string, i int) int {
	for i < len(s) {
		size := hostRune(s[i:])
		if size == 0 {
			break
		}
		i += size
	}
	return i
}

// hostRune returns the length of the character at the start of s if it can be part of a host's name: scripts that are written without blanks
// cannot, or the sentence before an address would belong to it.
func hostRune(s string) int {
	if c := s[0]; c < 0x80 {
		if isLetter(c) || isDigit(c) || c == '.' || c == '-' || c == '_' {
			return 1
		}
		return 0
	}
	r, size := utf8.DecodeRuneInString(s)
	if scriptOf(r) != none || unicode.Is(unicode.Mn, r) {
		return size
	}
	return 0
}

// addLink takes the stretch s[start:end] as a link if it is one, and returns where to go on.
func (t *Text) addLink(s string, start, end int, scheme bool, seams []int) int {
	host := strings.TrimRight(s[start:end], ".-_")
	at := start + len(host)
	link := Link{Mail: !scheme && start > 1 && s[start-1] == '@' && isAlnum(s[start-2])}
	tail := linkTail(s, at)
	switch {
	case !scheme && at < len(s) && s[at] == '@': // the name in a mail address
		return at + 1
	case scheme && len(host) < 3, !scheme && !isHost(host, &link, tail > at):
		return max(end, start+1)
	}
	link.UserInfo = scheme && siteBefore(s, start)
	link.Host = decodeHost(host)
	link.Skeleton = Skeleton(link.Host)
	link.URL = host + s[at:tail]
	if link.Disguised = seamIn(seams, start, tail); link.Disguised {
		t.Disguise |= Hidden
	}
	t.Links = append(t.Links, link)
	return max(tail, end)
}

// afterScheme returns where the host begins after the scheme whose colon is at j, 0 if there is none. Blanks and a line break between
// are tolerated: programs wrap there. What is before an @ is a name at the host, not the host.
func afterScheme(s string, floor, j int) int {
	word := s[max(floor, j-5):j]
	if !strings.HasSuffix(word, "http") && word != "https" || !strings.HasPrefix(s[j:], ":/") {
		return 0
	}
	at := j + 2
	for n := 0; at < len(s) && n < 3 && (s[at] == '/' || s[at] == ' ' || s[at] == '\n'); n++ {
		at++
	}
	authority := s[at:min(len(s), at+253)]
	if end := strings.IndexAny(authority, " \n/?#"); end >= 0 {
		authority = authority[:end]
	}
	return at + strings.LastIndexByte(authority, '@') + 1
}

// siteBefore says whether a host's name stands as the user's before an @ in front of start.
func siteBefore(s string, start int) bool {
	if start == 0 || s[start-1] != '@' {
		return false
	}
	user := s[:start-1]
	user, _, _ = strings.Cut(user[strings.LastIndexAny(user, " \n/")+1:], ":")
	dot := strings.LastIndexByte(user, '.')
	if dot <= 0 {
		return false
	}
	_, known := tlds()[user[dot+1:]]
	return known
}

// linkTail returns where the port, path and query after a host end.
func linkTail(s string, at int) int {
	i := at
	if i+1 < len(s) && s[i] == ':' && isDigit(s[i+1]) {
		for i++; i < len(s) && isDigit(s[i]); {
			i++
		}
	}
	if i < len(s) && (s[i] == '/' || s[i] == '?' || s[i] == '#' || s[i] == '\\') {
		for i < len(s) && s[i] > ' ' && !strings.ContainsRune("<>\"'()[]", rune(s[i])) {
			i++
		}
		for i > at && strings.IndexByte(".,!?;:", s[i-1]) >= 0 {
			i--
		}
	}
	return i
}

// isHost says whether a name without a scheme is a host's, and notes when it may just be a missing blank between sentences.
func isHost(host string, link *Link, path bool) bool {
	dot := strings.LastIndexByte(host, '.')
	if dot <= 0 || len(host) > 253 || strings.Contains(host, "..") {
		return false
	}
	top := host[dot+1:]
	sure, known := tlds()[top]
	if !known && bytesMet(top)&metHigh != 0 {
		_, known = tlds()[Skeleton(top)] // "соm" in Cyrillic letters
		sure = known
	}
	if !known && !strings.HasPrefix(top, "xn--") {
		return false
	}
	first := host[:dot]
	if strings.Trim(first, "0123456789.") == "" && !sure {
		return false // "5.am"
	}
	sign := path || link.Mail || strings.ContainsAny(first, "-.0123456789")
	link.Loose = !sure && !sign
	return true
}

// decodeHost returns the host with its punycode labels decoded.
func decodeHost(host string) string {
	if !strings.Contains(host, "xn--") {
		return host
	}
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if coded, ok := strings.CutPrefix(label, "xn--"); ok {
			if plain, ok := decodePunycode(coded); ok {
				labels[i] = plain
			}
		}
	}
	return strings.Join(labels, ".")
}

// seamIn says whether one of the seams, which ascend, lies in [start-8, end]: the scheme counts.
func seamIn(seams []int, start, end int) bool {
	i, _ := slices.BinarySearch(seams, start-len("https://"))
	return i < len(seams) && seams[i] <= end
}
