package wallet_test

import (
	"reflect"
	"testing"

	"chainmail/transport/wallet"
)

// FuzzParse: no text makes a panic, and what parses prints back to the same bytes.
func FuzzParse(f *testing.F) {
	f.Add(full)
	for _, v := range vectors[struct{ Message string }](f, "parsing_positive.json") {
		f.Add(v.Message)
	}
	for _, file := range []string{"parsing_negative.json", "invalid_uris.json"} {
		for _, text := range vectors[string](f, file) {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := wallet.Parse(text)
		if err != nil {
			if !reflect.DeepEqual(m, wallet.Message{}) {
				t.Errorf("refused with %v, yet gave %+v", err, m)
			}
			return
		}
		if got := m.Text(); got != text {
			t.Errorf("%q prints as %q", text, got)
		}
		if again, err := wallet.Parse(m.Text()); err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%+v parses as %+v, %v", m, again, err)
		}
	})
}

// FuzzVerify: no signature but the one that was made is taken for a text.
func FuzzVerify(f *testing.F) {
	text, signature := signed("alice")
	f.Add(signature)
	f.Add("0x" + order + order + "1b")
	f.Fuzz(func(t *testing.T, other string) {
		if _, err := wallet.Verify(text, other); err == nil && !same(other, signature) {
			t.Errorf("%s verifies", other)
		}
	})
}

// same leaves out the case of the digits and the two ways to write v.
func same(a, b string) bool {
	ra, rb := []byte(a), []byte(b)
	for i := range ra[:130] {
		if ra[i] != rb[i] && ra[i]|0x20 != rb[i] {
			return false
		}
	}
	return len(a) == len(b)
}
