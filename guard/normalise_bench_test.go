package guard_test

import (
	"strings"
	"testing"

	"chainmail/guard"
)

func BenchmarkNormalise(b *testing.B) {
	for name, text := range map[string]string{
		"plain":     "hey, are we still on for dinner tonight? i can be there around seven, let me know if that works ok..",
		"capitals":  "Hey, are we still on for dinner tonight? I can be there around 7, let me know if that works. See you",
		"link":      "Hey, have a look at https://example.org/some/page it is what we talked about the other day, all of it",
		"emoji":     "Hey, are we still on for dinner tonight? 🍝 I can be there around 7, let me know if that works ❤️ bye",
		"russian":   "Привет, сегодня ужинаем вместе? Могу быть к семи, напиши",
		"disguised": "𝓼𝓮𝓮𝓭 рhrаѕе p@ssw0rd s e e d w\u200ballet hxxps://meta-mask[.]io %73%65%65%64",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				guard.Normalise(text)
			}
		})
	}
	for name, unit := range worstUnits {
		text := strings.Repeat(unit, 10240/len(unit))
		b.Run("worst/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				guard.Normalise(text)
			}
		})
	}
}
