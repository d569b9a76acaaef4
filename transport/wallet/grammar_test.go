package wallet

import (
	"encoding/json"
	"os"
	"testing"
)

// TestCharacters holds the rules of the grammar, one by one, against the reference implementation's
// vectors; inside a message most of these characters would only end the rule before.
func TestCharacters(t *testing.T) {
	t.Parallel()
	ipvFuture := func(s string) bool {
		_, ok := splitAuthority("[" + s + "]")
		return ok
	}
	rules := map[string]func(string) bool{
		"scheme":      isScheme,
		"statement":   isStatement,
		"pct-encoded": func(s string) bool { return isEncoded(s, "") },
		"userinfo":    func(s string) bool { return isEncoded(s, inUserinfo) },
		"IPvFuture":   ipvFuture,
		"reg-name":    func(s string) bool { return isEncoded(s, inRegName) },
		"segment-nz":  func(s string) bool { return s != "" && isEncoded(s, inSegment) },
		"fragment":    func(s string) bool { return isEncoded(s, inQuery) },
	}
	for _, file := range []string{"valid_chars.json", "invalid_chars.json"} {
		raw, err := os.ReadFile("testdata/siwe/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var set map[string]struct {
			Rule, Input string
			Answer      bool
		}
		if err := json.Unmarshal(raw, &set); err != nil || len(set) == 0 {
			t.Fatal(file, err)
		}
		for name, v := range set {
			if check := rules[v.Rule]; check == nil || check(v.Input) != v.Answer {
				t.Errorf("%s: %s: want %t", file, name, v.Answer)
			}
		}
	}
}

func TestAuthorities(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]authority{
		"chat.example":         {host: "chat.example"},
		"chat.example:8443":    {host: "chat.example", port: "8443"},
		"chat.example:":        {host: "chat.example"},
		"u:p@chat.example":     {host: "chat.example", userinfo: "u:p", hasUserinfo: true},
		"@chat.example":        {host: "chat.example", hasUserinfo: true},
		"[::1]:80":             {host: "[::1]", port: "80"},
		"[::ffff:192.0.2.1]":   {host: "[::ffff:192.0.2.1]"},
		"[1:2:3:4:5:6:7::]":    {host: "[1:2:3:4:5:6:7::]"},
		"[V1f.a:b]":            {host: "[V1f.a:b]"},
		"999.1.1.1":            {host: "999.1.1.1"}, // no address, so a name
		"xn--mller-kva.ex%2Fy": {host: "xn--mller-kva.ex%2Fy"},
		"":                     {},
	} {
		if got, ok := splitAuthority(s); !ok || got != want {
			t.Errorf("%q: %+v %t, want %+v", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"a@b@c", "a b", "a/b", "a:b", "a:1:2", "a:-1", "[::1", "::1", "[::1]x", "[::1]8", "[]", "[v.a]", "[vg.a]", "[v1.]", "[v1]",
		"[fe80::1%25eth0]", "[fe80::1%eth0]", "[192.0.2.1]", "[::01.2.3.4]", "[12345::]", "[::1]]", "x[::1]", "%", "%2", "%2g", "a%zz@b", "ü", "a\x00", "a\n",
	} {
		if got, ok := splitAuthority(s); ok {
			t.Errorf("%q: taken as %+v", s, got)
		}
	}
}

func TestURIs(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"https://chat.example", "https://chat.example/a//b?c?d#e/f?g", "urn:uuid:0", "uri:", "file:///etc", "a:/b", "a:b/c", "A+-.9:?#", "ipfs://Qm/", "https://[::1]:1/",
	} {
		if !isURI(s) {
			t.Errorf("%q: refused", s)
		}
	}
	for _, s := range []string{
		"", "a", "/a", "//a/b", ":a", "1a:b", "a_b:c", "é:a", "a:b c", "a:b#c#d", "a:[b]", "a:b?[", "a:%", "a:%4", "a:?%g0", "a:#%", "https://a b/", "https://a:b/", "a:\n", "a:<b>",
	} {
		if isURI(s) {
			t.Errorf("%q: taken", s)
		}
	}
}
