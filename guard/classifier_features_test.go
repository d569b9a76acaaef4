package guard_test

import (
	"slices"
	"strings"
	"testing"

	"chainmail/guard"
)

func TestFeatures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want string // names of all features but the traits, with | between
	}{
		{"", ""},
		{"!?", ""},
		{"I", "wi|g i "},
		{"ab, abc", "wab|g ab|g ab |gab |wabc|pab abc|g ab|g abc|g abc |gabc|gabc |gbc "},
		{"pay 1234 now", "wpay|g pa|g pay|g pay |gpay|gpay |gay |w####|ppay ####|wnow|p#### now|g no|g now|g now |gnow|gnow |gow "},
		{"don't", "wdon't|g do|g don|g don'|gdon|gdon'|gdon't|gon'|gon't|gon't |gn't|gn't |g't "},
		{"да🚀", "wда|g да|g да |gда |w🚀|pда 🚀"},
	} {
		var got []string
		for _, name := range guard.Features(guard.Normalise(c.text)) {
			if name[0] != 't' {
				got = append(got, name)
			}
		}
		if got := strings.Join(got, "|"); got != c.want {
			t.Errorf("features of %q are\n%q, want\n%q", c.text, got, c.want)
		}
	}
}

func TestFeaturesOfTraits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"hello", []string{"tlength=3", "tlinks=0", "tdigits=0", "tcapitals=0"}},
		{"HELLO!!", []string{"tcapitals=5", "texclamation marks=2"}},
		{"Hello", []string{"tcapitals=1"}},
		{"call 08001234567", []string{"tlong number=1", "tdigits=4"}},
		{"see https://evil.example/x?y", []string{"tlinks=1", "tlink with path=1", "wevil.example", "w.example"}},
		{"write to joe@gmail.com", []string{"tmail address=1", "tlinks=0", "tmentions=0"}},
		{"@joe #eth $ETH $50 £3", []string{"tmentions=1", "thashtags=1", "tcoin tags=1", "tamount of money=2"}},
		{"send to 0x52908400098527886E0F7030069857D2E4169EE7", []string{"twallet address=1"}},
		{"🚀🚀\n\nwhat?", []string{"temoji=2", "tline breaks=2", "tquestion marks=1"}},
		{"s e e d fr33", []string{"wseed", "wfree"}},
	} {
		got := guard.Features(guard.Normalise(c.text))
		for _, want := range c.want {
			if !slices.Contains(got, want) {
				t.Errorf("%q has no %q: %q", c.text, want, got)
			}
		}
	}
}

func TestFeaturesAreBounded(t *testing.T) {
	t.Parallel()
	for name, unit := range worstUnits {
		n := 10240 / len(unit)
		text := strings.Repeat(unit, n)
		if got := len(guard.Features(guard.Normalise(text))); got > 20*len(text) {
			t.Errorf("%s: %d features of %d bytes", name, got, len(text))
		}
	}
}

func TestSkeleton(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"paypal.com", "pаypаl.com"}, {"paypal.com", "PAYPA1.com"}, {"metamask.io", "rnetamask.io"}, {"wallet.com", "vvallet.com"}, {"google.com", "g00gle.com"},
		{"binance.com", "bɪnаnсе.com"}, {"munchen.de", "münchen.de"}, {"ledger.com", "ledgeг.com"}, {"opensea.io", "0pen5ea.i0"},
	} {
		if a, b := guard.Skeleton(pair[0]), guard.Skeleton(pair[1]); a != b {
			t.Errorf("skeletons of %q and %q are %q and %q, want them equal", pair[0], pair[1], a, b)
		}
	}
	for _, pair := range [][2]string{{"paypal.com", "paypals.com"}, {"ledger.com", "leader.com"}, {"a.com", "b.com"}} {
		if guard.Skeleton(pair[0]) == guard.Skeleton(pair[1]) {
			t.Errorf("skeletons of %q and %q are equal", pair[0], pair[1])
		}
	}
}
