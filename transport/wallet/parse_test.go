package wallet_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chainmail/transport/wallet"
)

// full is a text with everything in it.
const full = `https://chat.example:8443 wants you to sign in with your Ethereum account:
0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed

Sign in to Chainmail.

URI: https://chat.example:8443/login
Version: 1
Chain ID: 11155111
Nonce: k3T9wQ0pZr
Issued At: 2026-03-01T12:00:00.250Z
Expiration Time: 2026-03-01T13:05:00+01:00
Not Before: 2026-03-01t12:00:00z
Request ID: r%20-1
Resources:
- ipfs://Qme7ss3ARVgxv6rXqVPiikMJ8u2NLgmgszg13pYrDKEoiu
- urn:chainmail:terms`

func TestParseFull(t *testing.T) {
	t.Parallel()
	m, err := wallet.Parse(full)
	if err != nil {
		t.Fatal(err)
	}
	if got := says(m).text(); "https://"+got != full {
		t.Errorf("says\n%s", got)
	}
	if m.Scheme != "https" || m.ChainID != 11155111 || len(m.Resources) != 2 {
		t.Errorf("%+v", m)
	}
	for _, times := range []struct {
		got  wallet.Timestamp
		want time.Time
	}{
		{m.IssuedAt, time.Date(2026, 3, 1, 12, 0, 0, 250e6, time.UTC)},
		{m.ExpirationTime, time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC)},
		{m.NotBefore, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
	} {
		if times.got.Time() != times.want {
			t.Errorf("%s is %s, want %s", times.got, times.got.Time(), times.want)
		}
	}
}

// TestParseForms puts something else into one place of the full text.
func TestParseForms(t *testing.T) {
	t.Parallel()
	const statement = "Sign in to Chainmail.\n"
	tests := []struct {
		name, old, new string
		kind           error // nil: it is taken, and prints back
	}{
		{"no scheme", "https://chat.example:8443 wants", "chat.example:8443 wants", nil},
		{"no optional field", full[strings.Index(full, "\nExpiration"):], "", nil},
		{"no statement", statement, "", nil},
		{"resources without one", full[strings.Index(full, "\n- ipfs"):], "", nil},
		{"statement like a field", "Sign in to Chainmail.", "URI: https://evil.example", nil},
		{"chain 0", "Chain ID: 11155111", "Chain ID: 0", nil},
		{"greatest chain", "11155111", "18446744073709551615", nil},
		{"many digits of a second", "00.250Z", "00.1234567890123Z", nil},
		{"leap day", "2026-03-01T12:00:00.250Z", "2024-02-29T23:59:59Z", nil},
		{"unknown local offset", "13:05:00+01:00", "13:05:00-00:00", nil},

		{"empty statement", statement, "\n", wallet.ErrMalformed},
		{"statement in another script", "Chainmail.", "Čhainmail.", wallet.ErrMalformed},
		{"statement with quotes", "Chainmail.", `"Chainmail".`, wallet.ErrMalformed},
		{"statement with a percent sign", "Chainmail.", "100%", wallet.ErrMalformed},
		{"statement with a tab", "Chainmail.", "Chain\tmail.", wallet.ErrMalformed},
		{"statement of two lines", "Chainmail.", "Chain\nmail.", wallet.ErrMalformed},
		{"line for the one before the URI", "Chainmail.\n\n", "Chainmail.\nmore\n", wallet.ErrMalformed},
		{"line for the one after the address", "BeAed\n\n", "BeAed\nmore\n", wallet.ErrMalformed},
		{"first line without its words", " wants you to sign in with your Ethereum account:", "", wallet.ErrMalformed},
		{"carriage return", "\nVersion", "\r\nVersion", wallet.ErrMalformed},
		{"empty request id", "r%20-1", "", wallet.ErrMalformed},
		{"request id with a slash", "r%20-1", "r/1", wallet.ErrMalformed},
		{"resource without a dash", "- urn", "urn", wallet.ErrMalformed},
		{"resource without a space", "- urn", "-urn", wallet.ErrMalformed},
		{"blank line between resources", "\n- urn", "\n\n- urn", wallet.ErrMalformed},
		{"line break at the end", ":terms", ":terms\n", wallet.ErrMalformed},
		{"text before it", "https://", "\nhttps://", wallet.ErrMalformed},
		{"host missing", "https://chat.example:8443 wants", "https://:8443 wants", wallet.ErrMalformed},
		{"host of user information alone", "https://chat.example:8443 wants", "bob@ wants", wallet.ErrMalformed},
		{"scheme missing", "https://chat.example:8443 wants", "://chat.example wants", wallet.ErrMalformed},
		{"path after the domain", "8443 wants", "8443/ wants", wallet.ErrMalformed},
		{"preamble in another case", "Ethereum account", "ethereum account", wallet.ErrMalformed},
		{"label in another case", "Chain ID", "Chain Id", wallet.ErrMalformed},
		{"twice the nonce", "\nNonce: k3T9wQ0pZr", "\nNonce: k3T9wQ0pZr\nNonce: k3T9wQ0pZr", wallet.ErrMalformed},
		{"nonce of seven", "k3T9wQ0pZr", "k3T9wQ0", wallet.ErrMalformed},
		{"nonce with a dash", "k3T9wQ0pZr", "k3T9-wQ0pZr", wallet.ErrMalformed},
		{"chain with a leading zero", "11155111", "011", wallet.ErrMalformed},
		{"chain with a sign", "11155111", "+1", wallet.ErrMalformed},
		{"chain past 64 bits", "11155111", "18446744073709551616", wallet.ErrMalformed},
		{"no chain", "11155111", "", wallet.ErrMalformed},
		{"uri with a space", "8443/login", "8443/log in", wallet.ErrMalformed},
		{"leap second", "12:00:00.250Z", "23:59:60Z", wallet.ErrMalformed},
		{"30 February", "2026-03-01T12:00:00.250Z", "2026-02-30T12:00:00Z", wallet.ErrMalformed},
		{"hour 24", "12:00:00.250Z", "24:00:00Z", wallet.ErrMalformed},
		{"comma before the fraction", "00.250Z", "00,250Z", wallet.ErrMalformed},
		{"fraction without digits", "00.250Z", "00.Z", wallet.ErrMalformed},
		{"space for T", "2026-03-01T12:00:00.250Z", "2026-03-01 12:00:00Z", wallet.ErrMalformed},
		{"no offset", "00.250Z", "00.250", wallet.ErrMalformed},
		{"offset of 24 hours", "+01:00", "+24:00", wallet.ErrMalformed},
		{"offset of 60 minutes", "+01:00", "+01:60", wallet.ErrMalformed},
		{"offset without a colon", "+01:00", "+0100", wallet.ErrMalformed},
		{"hour of one digit", "12:00:00.250Z", "9:00:00.250Z", wallet.ErrMalformed},
		{"empty expiration", "2026-03-01T13:05:00+01:00", "", wallet.ErrMalformed},
		{"version 01", "Version: 1", "Version: 01", wallet.ErrVersion},
		{"version 10", "Version: 1", "Version: 10", wallet.ErrVersion},
		{"version 2", "Version: 1", "Version: 2", wallet.ErrVersion},
		{"address in lower case", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", wallet.ErrAddress},
		{"address behind 0X", "0x5aAeb", "0X5aAeb", wallet.ErrAddress},
		{"address too short", "1BeAed", "1BeAe", wallet.ErrAddress},
	}
	for _, tt := range tests {
		if !strings.Contains(full, tt.old) {
			t.Errorf("%s: nothing to change", tt.name)
		}
		text := strings.Replace(full, tt.old, tt.new, 1)
		if tt.kind != nil {
			refused(t, tt.name, text, tt.kind)
			continue
		}
		if m, err := wallet.Parse(text); err != nil || m.Text() != text {
			t.Errorf("%s: %v, prints\n%s", tt.name, err, m.Text())
		}
	}
}

func TestParseLimits(t *testing.T) {
	t.Parallel()
	resources := func(n int) string { return full + strings.Repeat("\n- a:", n-2) }
	if _, err := wallet.Parse(resources(wallet.MaxResources)); err != nil {
		t.Error(err)
	}
	refused(t, "resources", resources(wallet.MaxResources+1), wallet.ErrTooLong)
	long := full + strings.Repeat("s", wallet.MaxText-len(full))
	if _, err := wallet.Parse(long); err != nil {
		t.Error(err)
	}
	refused(t, "text", long+"s", wallet.ErrTooLong)
	for n := range len(full) {
		text := full[:n]
		if m, err := wallet.Parse(text); err == nil && m.Text() != text {
			t.Errorf("the first %d bytes print back as\n%s", n, m.Text())
		}
	}
	for _, text := range []string{"", "\n", strings.Repeat("\n", 20), "\x00", "\xff\xfe"} {
		refused(t, text, text, nil)
	}
}

// TestRefusalsKeepQuiet: nothing that a client wrote gets into an error.
func TestRefusalsKeepQuiet(t *testing.T) {
	t.Parallel()
	for _, line := range strings.Split(full, "\n") {
		_, err := wallet.Parse(strings.Replace(full, line, line+"\x00secret", 1))
		var refusal *wallet.Error
		if errors.As(err, &refusal) && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// TestTextIsParsed is the law Parse(m.Text()) == m.
func TestTextIsParsed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := func(label string) wallet.Timestamp {
			return wallet.NewTimestamp(time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, label)))
		}
		optional := func(label string) (stamp wallet.Timestamp) {
			if rapid.Bool().Draw(t, "has "+label) {
				stamp = at(label)
			}
			return stamp
		}
		uri := rapid.StringMatching(`[a-z][a-z0-9+.-]{0,5}:(//([a-z0-9]{1,9}|\[::1\])(:[0-9]{0,4})?(/[a-z%41]{0,4})*)?(\?[a-z/?]*)?(#[a-z/?]*)?`).
			Filter(func(s string) bool { return !strings.Contains(strings.ReplaceAll(s, "%41", ""), "%") })
		m := wallet.Message{
			Scheme:         rapid.SampledFrom([]string{"", "http", "https"}).Draw(t, "scheme"),
			Domain:         rapid.StringMatching(`[a-z0-9.-]{1,20}(:[0-9]{0,5})?`).Draw(t, "domain"),
			Address:        wallet.Address(rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "address")),
			Statement:      rapid.StringMatching(`[ a-zA-Z0-9:/?#@!$&'()*+,;=._~-]{0,80}`).Draw(t, "statement"),
			URI:            uri.Draw(t, "uri"),
			ChainID:        rapid.Uint64().Draw(t, "chain"),
			Nonce:          rapid.StringMatching(`[a-zA-Z0-9]{8,40}`).Draw(t, "nonce"),
			IssuedAt:       at("issued at"),
			ExpirationTime: optional("expiration"),
			NotBefore:      optional("not before"),
			RequestID:      rapid.StringMatching(`[a-z@:!]{0,9}`).Draw(t, "request"),
		}
		if rapid.Bool().Draw(t, "has resources") {
			m.Resources = rapid.SliceOfN(uri, 0, wallet.MaxResources).Draw(t, "resources")
		}
		got, err := wallet.Parse(m.Text())
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Fatalf("%v\n%s\nis %+v\nwant %+v", err, m.Text(), got, m)
		}
	})
}
