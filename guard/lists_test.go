package guard_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"chainmail/guard"
)

func listOf(t testing.TB, kind guard.ListKind, text string) *guard.List {
	t.Helper()
	l, err := guard.ReadList("bad", kind, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A domain stands for itself and all below it, never for what only ends alike or lies above.
func TestDomainListMatchesWhatLiesBelow(t *testing.T) {
	t.Parallel()
	l := listOf(t, guard.Domains, "# reported\n\nevil.example\n*.Wild.Example.  # all of it\none.github.io\nmünchen-bank.example\n")
	for host, want := range map[string]bool{
		"evil.example":                    true,
		"www.evil.example":                true,
		"a.b.c.evil.example":              true,
		"notevil.example":                 false,
		"evil.example.org":                false,
		"example":                         false,
		"wild.example":                    true,
		"x.wild.example":                  true,
		"one.github.io":                   true,
		"two.github.io":                   false,
		"github.io":                       false,
		"münchen-bank.example":            true,
		"":                                false,
		".":                               false,
		strings.Repeat("a.", 200) + "com": false,
	} {
		if got := l.HasHost(host); got != want {
			t.Errorf("%q: got %v", host, got)
		}
	}
	if l.Len() != 4 {
		t.Errorf("got %d entries", l.Len())
	}
}

// The hash is of the file's bytes, comments too.
func TestListHash(t *testing.T) {
	t.Parallel()
	text := "evil.example\n# end\n"
	sum := sha256.Sum256([]byte(text))
	if got := listOf(t, guard.Domains, text).Hash(); got != hex.EncodeToString(sum[:]) {
		t.Error(got)
	}
}

// A broken line is refused with its number.
func TestReadListRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind       guard.ListKind
		text, want string
	}{
		{guard.Domains, "a.example\nhttps://b.example/\n", `line 2: "https://b.example/" is not a host's name`},
		{guard.Domains, "0.0.0.0 a.example\n", `line 1: "0.0.0.0 a.example" is not a host's name`},
		{guard.Domains, "com\n", `line 1: "com" has no dot`},
		{guard.Domains, "a..example\n", `line 1: "a..example" is not a host's name`},
		{guard.Domains, "a.example\n" + strings.Repeat("x", 1000), "line 2: longer than 512 bytes"},
		{guard.Addresses, "0x12\n", "line 1: not a wallet address: it has from 26 to 90"},
		{guard.Addresses, "0x52908400098527886E0F7030069857D2E4169EE-\n", "line 1: not a wallet address: it has letters and digits only"},
	} {
		_, err := guard.ReadList("bad", test.kind, strings.NewReader(test.text))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%.40q: got %v, want %s", test.text, err, test.want)
		}
	}
}

// A listed address is found in a message as it is written; the case of hexadecimal and bech32 addresses means nothing, that of Base58 does.
func TestAddressList(t *testing.T) {
	t.Parallel()
	l := listOf(t, guard.Addresses, "0x52908400098527886E0F7030069857D2E4169EE7\nbc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq\n1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\n")
	g := guardOf(t, "version: 1\nthresholds: {block: 0.8, uncertain: 0.4}\nlists: [{name: bad, kind: addresses, file: f}]\n"+
		"rules: [{name: thief, message: This address belongs to a thief., weight: 0.9, addresses: [bad]}]\n", l)
	for text, want := range map[string]bool{
		"pay 0x52908400098527886e0f7030069857d2e4169ee7 now": true,
		"(0X52908400098527886E0F7030069857D2E4169EE7)":       true,
		"0x52908400098527886e0f7030069857d2e4169ee8":         false,
		"bitcoin:BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ": true,
		"to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, please":      true,
		"to 1a1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, please":      false,
		"x1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa":                false,
		strings.Repeat("a", 5000):                            false,
	} {
		if got := g.Judge(text).Blocked; got != want {
			t.Errorf("%.60q: got %v", text, got)
		}
	}
	e := g.Explain("pay 0x52908400098527886e0f7030069857d2e4169ee7", 0)
	if len(e.Findings) != 1 || e.Findings[0].Text != "0x52908400098527886e0f7030069857d2e4169ee7" || e.Findings[0].In != "address" {
		t.Errorf("got %+v", e.Findings)
	}
}

// numbered writes n domains, one after the other.
type numbered struct{ n, next int }

func (r *numbered) Read(p []byte) (int, error) {
	filled := 0
	for r.next < r.n && filled+64 < len(p) {
		filled += copy(p[filled:], fmt.Sprintf("wallet-%d.scam-site-%d.com\n", r.next%7, r.next))
		r.next++
	}
	if filled == 0 {
		return 0, io.EOF
	}
	return filled, nil
}

const million = 1_000_000

// BenchmarkReadList reads two million domains; it reports the memory that they keep.
func BenchmarkReadList(b *testing.B) {
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		l, err := guard.ReadList("bad", guard.Domains, &numbered{n: 2 * million})
		if err != nil || l.Len() != 2*million {
			b.Fatal(l.Len(), err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(l)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(2*million), "B/entry")
}

// BenchmarkHasHost looks up hosts of four labels among two million domains.
func BenchmarkHasHost(b *testing.B) {
	l, err := guard.ReadList("bad", guard.Domains, &numbered{n: 2 * million})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.HasHost("www.some.example.com")
	}
}
