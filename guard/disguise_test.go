package guard_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"chainmail/guard"
	"chainmail/internal/racetest"
)

// disguise is a way to write a text so that a reader still reads it and a filter may not.
type disguise struct {
	name  string
	write func(string) string
}

// disguises are those that the guard must see through, each by itself, and some together.
func disguises() []disguise {
	all := []disguise{
		{"upper case", strings.ToUpper},
		{"alternating case", func(s string) string { return eachLetter(s, alternate) }},
		{"line breaks", replacing(" ", "\n")},
		{"tabs", replacing(" ", "\t")},
		{"wide gaps", replacing(" ", "   ")},
		{"underscores", replacing(" ", "_")},
		{"asterisks around words", around("*", "*")},
		{"quotes around words", around("\"", "\"")},
		{"brackets around words", around("(", ")")},
		{"tags around words", around("<b>", "</b>")},
		{"emoji around words", around("🌱", "🔑")},
		{"emoji between words", replacing(" ", " 🙂 ")},
		{"strokes between words", replacing(" ", " | ")},
		{"no-break blanks", replacing(" ", "\u00a0")},
		{"ideographic blanks", replacing(" ", "\u3000")},
		{"Cyrillic look-alikes", swapping("aceiopsxyACEHOPTXjh", "асеіорѕхуАСЕНОРТХјһ")},
		{"Cyrillic vowels", swapping("aeo", "аео")},
		{"accents", swapping("aeioucny", "áèïôüçñý")},
		{"leetspeak", swapping("aeio", "4310")},
		{"leetspeak with signs", swapping("aseio", "@$310")},
		{"reversed", func(s string) string { return "\u202e" + reversed(s) + "\u202c" }},
		{"left-to-right override", func(s string) string { return "\u202d" + s + "\u202c" }},
		{"isolates", func(s string) string { return "\u2068" + s + "\u2069" }},
		{"percent-encoded", percent},
		{"percent-encoded twice", func(s string) string { return percent(percent(s)) }},
		{"every third letter percent-encoded", func(s string) string { return eachLetter(s, third("%%%02x")) }},
		{"query escaped", url.PathEscape},
		{"HTML decimal", func(s string) string { return eachLetter(s, format("&#%d;")) }},
		{"HTML hexadecimal", func(s string) string { return eachLetter(s, format("&#x%x;")) }},
		{"every third letter HTML", func(s string) string { return eachLetter(s, third("&#%d;")) }},
		{"escaped", func(s string) string { return eachLetter(s, format(`\u%04x`)) }},
		{"struck through", after("\u0336")},
		{"stacked marks", after("\u0301\u0323\u0336\u0308")},
		{"variation selectors", after("\ufe0f")},
	}
	for name, mark := range map[string]rune{
		"zero-width blanks": 0x200B, "non-joiners": 0x200C, "joiners": 0x200D, "word joiners": 0x2060, "byte order marks": 0xFEFF, "soft hyphens": 0xAD,
		"invisible separators": 0x2063, "vowel separators": 0x180E, "grapheme joiners": 0x34F, "right-to-left marks": 0x200F, "tags": 0xE0041, "Hangul fillers": 0x3164,
	} {
		all = append(all, disguise{name, after(string(mark))})
	}
	for name, first := range map[string][2]rune{ // A and a
		"bold": {0x1D400, 0x1D41A}, "bold italic": {0x1D468, 0x1D482}, "bold script": {0x1D4D0, 0x1D4EA}, "bold fraktur": {0x1D56C, 0x1D586}, "sans-serif": {0x1D5A0, 0x1D5BA},
		"bold sans-serif": {0x1D5D4, 0x1D5EE}, "monospace": {0x1D670, 0x1D68A}, "full width": {0xFF21, 0xFF41}, "circled": {0x24B6, 0x24D0},
		"black circles": {0x1F150, 0x1F150}, "squares": {0x1F130, 0x1F130}, "black squares": {0x1F170, 0x1F170}, "parentheses": {0x249C, 0x249C},
	} {
		all = append(all, disguise{name, func(s string) string { return styled(s, first) }})
	}
	for name, separator := range map[string]string{"blanks": " ", "dots": ".", "hyphens": "-", "asterisks": "*", "middle dots": "·", "slashes": "/", "two blanks": "  "} {
		all = append(all, disguise{"letters apart by " + name, func(s string) string { return apart(s, separator) }})
	}
	slices.SortFunc(all, func(a, b disguise) int { return strings.Compare(a.name, b.name) })
	return append(all, together(all)...)
}

// together are disguises that are put on one after the other, the innermost first.
func together(all []disguise) (more []disguise) {
	for _, names := range [][]string{
		{"Cyrillic vowels", "zero-width blanks"}, {"leetspeak", "zero-width blanks"}, {"leetspeak", "upper case"}, {"Cyrillic vowels", "struck through"}, {"leetspeak", "HTML decimal"},
		{"Cyrillic look-alikes", "upper case"}, {"letters apart by blanks", "full width"}, {"Cyrillic vowels", "letters apart by hyphens"},
		{"Cyrillic vowels", "percent-encoded"}, {"bold", "soft hyphens"}, {"bold script", "struck through"}, {"zero-width blanks", "reversed"}, {"Cyrillic vowels", "reversed"},
		{"monospace", "HTML hexadecimal"}, {"accents", "word joiners", "wide gaps"}, {"leetspeak with signs", "joiners"}, {"HTML decimal", "percent-encoded"},
	} {
		write := func(s string) string {
			for _, name := range names {
				s = all[slices.IndexFunc(all, func(d disguise) bool { return d.name == name })].write(s)
			}
			return s
		}
		more = append(more, disguise{strings.Join(names, ", "), write})
	}
	return more
}

// A text that is blocked when it is written plainly is blocked in each disguise. Of a hundred, three may get through: where every other word is a number or an abbreviation that the disguise leaves
// alone, or all are too short to be sure of.
func TestDisguisedAttacks(t *testing.T) {
	t.Parallel()
	racetest.InFull(t)
	g := serversGuard(t)
	for _, d := range disguises() {
		total := 0
		var missed []string
		for _, c := range verdictCases(t) {
			if c.want != "blocked" || !plain(c.text) {
				continue
			}
			total++
			text := inWords(c.text, d.write)
			if v := g.Judge(text); !v.Blocked {
				missed = append(missed, fmt.Sprintf("%q: %.2f %v", text, v.Score, v.Names()))
			}
		}
		if total < 100 || 100*len(missed) > 3*total {
			t.Errorf("%s: %d of %d texts got through:\n%s", d.name, len(missed), total, strings.Join(missed, "\n"))
		}
	}
}

// A text that passes is not blocked because of how it is written. It may be doubted: friends seldom write in percent signs. One in a hundred may be blocked: where the disguise leaves a quoted swindle
// alone and hides that it is quoted.
func TestDisguisedBenign(t *testing.T) {
	t.Parallel()
	racetest.InFull(t)
	g := serversGuard(t)
	for n, d := range disguises() {
		total := 0
		var blocked []string
		for _, c := range verdictCases(t) {
			if c.want != "passes" || (c.line+n)%3 != 0 { // a third is enough, another for each disguise
				continue
			}
			total++
			text := inWords(c.text, d.write)
			if v := g.Judge(text); v.Blocked {
				blocked = append(blocked, fmt.Sprintf("%q: %.2f %v", text, v.Score, v.Names()))
			}
		}
		if total < 200 || 100*len(blocked) > total {
			t.Errorf("%s: %d of %d texts were blocked:\n%s", d.name, len(blocked), total, strings.Join(blocked, "\n"))
		}
	}
}

// inWords disguises the stretches of a text that are words and blanks: links, numbers and what stands beside them stay, or they would be others.
func inWords(s string, write func(string) string) string {
	words := strings.Split(s, " ")
	var out []string
	for len(words) > 0 {
		n := 0
		for n < len(words) && !strings.ContainsAny(words[n], "0123456789/:@#<>[]|\"%&$\\=_{}") && !strings.Contains(strings.TrimRight(words[n], ".!?,"), ".") {
			n++
		}
		if n > 0 {
			out = append(out, write(strings.Join(words[:n], " ")))
			words = words[n:]
			continue
		}
		out = append(out, words[0])
		words = words[1:]
	}
	return strings.Join(out, " ")
}

// plain says whether a text is written without tricks in letters of ASCII on one line.
func plain(s string) bool {
	t := guard.Normalise(s)
	return t.Disguise == 0 && t.Bare == t.Folded && !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 || r == '\n' })
}

// eachLetter replaces each ASCII letter; n counts them from 0.
func eachLetter(s string, write func(n int, r rune) string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if r >= 0x80 || (r|0x20) < 'a' || (r|0x20) > 'z' {
			b.WriteRune(r)
			continue
		}
		b.WriteString(write(n, r))
		n++
	}
	return b.String()
}

func alternate(n int, r rune) string {
	if n%2 == 0 {
		return strings.ToUpper(string(r))
	}
	return strings.ToLower(string(r))
}

func format(with string) func(int, rune) string {
	return func(_ int, r rune) string { return fmt.Sprintf(with, r) }
}

func third(with string) func(int, rune) string {
	return func(n int, r rune) string {
		if n%3 == 1 {
			return fmt.Sprintf(with, r)
		}
		return string(r)
	}
}

func after(mark string) func(string) string {
	return func(s string) string {
		return eachLetter(s, func(_ int, r rune) string { return string(r) + mark })
	}
}

func replacing(from, to string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(s, from, to) }
}

func around(before, after string) func(string) string {
	return func(s string) string {
		words := strings.Split(s, " ")
		for i, word := range words {
			if word != "" {
				words[i] = before + word + after
			}
		}
		return strings.Join(words, " ")
	}
}

func swapping(from, to string) func(string) string {
	letters := []rune(to)
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if i := strings.IndexRune(from, r); i >= 0 {
				return letters[i]
			}
			return r
		}, s)
	}
}

func styled(s string, first [2]rune) string {
	return eachLetter(s, func(_ int, r rune) string {
		if r >= 'a' {
			return string(first[1] + r - 'a')
		}
		return string(first[0] + r - 'A')
	})
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

// apart writes the letters of words apart, with wider gaps between words, if there is a word among them that is not short.
func apart(s, separator string) string {
	words := strings.Split(s, " ")
	if !slices.ContainsFunc(words, func(w string) bool { return len(strings.Trim(w, ".,!?")) > 3 }) {
		return s
	}
	for i, word := range words {
		if strings.ContainsAny(word, "'\"") {
			continue
		}
		end := len(strings.TrimRight(word, ".,!?'"))
		words[i] = strings.Join(strings.Split(word[:end], ""), separator) + word[end:]
	}
	return "    " + strings.Join(words, "    ") + "    "
}
