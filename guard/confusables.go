package guard

import (
	_ "embed" // for the tables
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed confusables.txt
var confusablesText string

// lookalikes are the tables of confusables.txt: letter to what it stands for.
type lookalikes struct {
	latin, styled, look, loose map[rune]string
	like                       [quickRunes]likeness
}

// likeness is how much a letter of another script looks like a Latin one.
type likeness uint8

const (
	unlike likeness = iota
	loosely
	strictly
)

func (t *lookalikes) likeness(r rune) likeness {
	if r < quickRunes {
		return t.like[r]
	}
	return t.slowLikeness(r)
}

func (t *lookalikes) slowLikeness(r rune) likeness {
	switch {
	case t.look[r] != "":
		return strictly
	case t.loose[r] != "":
		return loosely
	}
	return unlike
}

// confusables returns the tables, read once.
var confusables = sync.OnceValue(func() *lookalikes {
	t := &lookalikes{latin: map[rune]string{}, styled: map[rune]string{}, look: map[rune]string{}, loose: map[rune]string{}}
	sections := map[string]map[rune]string{"[latin]": t.latin, "[styled]": t.styled, "[look]": t.look, "[loose]": t.loose}
	var section map[rune]string
	for line := range strings.Lines(confusablesText) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		if s, ok := sections[fields[0]]; ok {
			section = s
			continue
		}
		for _, hex := range fields[1:] {
			r, err := strconv.ParseUint(hex, 16, 32)
			if err != nil {
				panic("confusables.txt: " + err.Error()) // the file is part of the program
			}
			section[rune(r)] = fields[0]
		}
	}
	addAccented(t.latin)
	for r := range t.like {
		t.like[r] = t.slowLikeness(rune(r))
	}
	return t
})

// addAccented adds Latin letters that are an ASCII letter with marks: é is e.
func addAccented(latin map[rune]string) {
	for _, block := range [][2]rune{{0xC0, 0x24F}, {0x1E00, 0x1EFF}} {
		for r := block[0]; r <= block[1]; r++ {
			base := norm.NFD.String(string(r))[0]
			if _, ok := latin[r]; !ok && base < 0x80 && unicode.IsLetter(r) {
				latin[r] = strings.ToLower(string(rune(base)))
			}
		}
	}
}

// Skeleton returns what a host's name looks like at a glance: letters and digits that can be taken for each other replaced by one
// of their kind (1, i and l by l, 0 by o, rn by m, vv by w, letters of other scripts by Latin ones). Two hosts with the same skeleton can be
// taken for each other. A skeleton is no name: compare it with skeletons only.
func Skeleton(host string) string {
	tables := confusables()
	var b strings.Builder
	b.Grow(len(host))
	for _, r := range norm.NFKC.String(host) {
		switch {
		case r < 0x80:
			b.WriteByte(asciiSkeleton(lowerByte(byte(r))))
		case tables.latin[r] != "":
			writeSkeleton(&b, tables.latin[r])
		case tables.look[r] != "":
			writeSkeleton(&b, tables.look[r])
		case tables.loose[r] != "":
			writeSkeleton(&b, tables.loose[r])
		case !dropped(r) && !unicode.Is(unicode.M, r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return skeletonPairs.Replace(b.String())
}

var skeletonPairs = strings.NewReplacer("rn", "m", "vv", "w")

func writeSkeleton(b *strings.Builder, s string) {
	for i := range len(s) {
		b.WriteByte(asciiSkeleton(s[i]))
	}
}

func asciiSkeleton(c byte) byte {
	switch c {
	case '1', 'i', '|':
		return 'l'
	case '0':
		return 'o'
	case '3':
		return 'e'
	case '5':
		return 's'
	}
	return c
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
