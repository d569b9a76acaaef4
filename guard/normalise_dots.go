package guard

import "strings"

// undisguiseLinks returns s with addresses written so that programs miss them made plain: hxxp, [.], (dot), " dot com", "example .com".
// Seams are the places in the result where something was changed, ascending.
func undisguiseLinks(s string, met uint16) (plain string, seams []int) {
	if met&metBracket == 0 && !strings.Contains(s, "dot") && !strings.Contains(s, " .") && !strings.Contains(s, "xp") && !strings.Contains(s, "h**p") {
		return s, nil
	}
	var out []byte
	last := 0
	for i := 0; i < len(s); i++ {
		from, to, with := seamAt(s, i, last)
		if with == "" {
			continue
		}
		out = append(out, s[last:from]...)
		seams = append(seams, len(out))
		out = append(out, with...)
		last, i = to, to-1
	}
	if last == 0 {
		return s, nil
	}
	return string(append(out, s[last:]...)), seams
}

// seamAt says what the disguise that begins at i reaches over and what it stands for; with is empty for none. From is not before floor.
func seamAt(s string, i, floor int) (from, to int, with string) {
	switch c := s[i]; {
	case c == 'h' && (i == 0 || !isAlnum(s[i-1])):
		for _, scheme := range []string{"hxxp", "hxtp", "htxp", "h**p", "h++p"} {
			if strings.HasPrefix(s[i:], scheme) {
				return i, i + 4, "http"
			}
		}
	case c == '[' || c == '(' || c == '{':
		return bracketed(s, i, floor)
	case c == ' ' && i > 0 && isAlnum(s[i-1]):
		rest := s[i+1:]
		if after, ok := strings.CutPrefix(rest, "dot "); ok && namesTop(after) {
			return i, i + len(" dot "), "."
		}
		if after, ok := strings.CutPrefix(rest, "."); ok && namesTop(strings.TrimPrefix(after, " ")) {
			if strings.HasPrefix(after, " ") {
				return i, i + 3, "."
			}
			return i, i + 2, "."
		}
	}
	return 0, 0, ""
}

// bracketed is seamAt for [.], (dot), [:] and their like, blanks around them included.
func bracketed(s string, i, floor int) (from, to int, with string) {
	for _, inside := range []string{".", "dot", ":", "://", " . ", " dot ", "d0t"} {
		if !strings.HasPrefix(s[i+1:], inside) {
			continue
		}
		to = i + 1 + len(inside)
		if to >= len(s) || strings.IndexByte("])}", s[to]) < 0 {
			continue
		}
		to++
		if strings.Contains(inside, ":") {
			return i, to, inside
		}
		from = i
		for from > floor && s[from-1] == ' ' {
			from--
		}
		for to < len(s) && s[to] == ' ' {
			to++
		}
		return from, to, "."
	}
	return 0, 0, ""
}

// namesTop says whether s begins with a name that ends hosts for certain and nothing else, or with further labels and such a name.
func namesTop(s string) bool {
	end := 0
	for end < len(s) && end < 20 && (isAlnum(s[end])) {
		end++
	}
	if end == 0 {
		return false
	}
	if tlds()[s[:end]] {
		return true
	}
	after, ok := strings.CutPrefix(s[end:], " dot ")
	return ok && tlds()[firstWord(after)]
}

func firstWord(s string) string {
	end := 0
	for end < len(s) && end < 20 && isAlnum(s[end]) {
		end++
	}
	return s[:end]
}
