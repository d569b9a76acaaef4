package audit

import (
	"cmp"
	"fmt"
	"slices"

	"chainmail/domain"
)

// maxFindings is how many findings of one kind are told one by one; a log that is damaged all over must
// not fill the memory with what is wrong with it.
const maxFindings = 1000

// findings collects what is wrong, in any order. The zero value is ready.
type findings struct {
	list []Finding
	told map[Kind]int
	more map[Kind]Finding // the first that is not told, of a kind that has too many
}

func (f *findings) add(at domain.Position, kind Kind, format string, args ...any) {
	if f.told == nil {
		f.told, f.more = make(map[Kind]int), make(map[Kind]Finding)
	}
	f.told[kind]++
	if f.told[kind] <= maxFindings {
		f.list = append(f.list, Finding{at, kind, fmt.Sprintf(format, args...)})
		return
	}
	if first, any := f.more[kind]; !any || at < first.Position {
		f.more[kind] = Finding{Position: at, Kind: kind}
	}
}

// sorted returns all in order of position, and for each kind that has too many how many more there are.
func (f *findings) sorted() []Finding {
	for kind, first := range f.more {
		first.Detail = fmt.Sprintf("and %d more of this kind, here and elsewhere", f.told[kind]-maxFindings)
		f.list = append(f.list, first)
	}
	slices.SortStableFunc(f.list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Kind, b.Kind))
	})
	return f.list
}
