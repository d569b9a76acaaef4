package wallet_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chainmail/transport/wallet"
)

// vectors reads a file of the reference implementation; testdata/README.md says where from.
func vectors[V any](tb testing.TB, name string) map[string]V {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "siwe", name))
	if err != nil {
		tb.Fatal(err)
	}
	var set map[string]V
	if err := json.Unmarshal(raw, &set); err != nil {
		tb.Fatal(err)
	}
	if len(set) == 0 {
		tb.Fatalf("%s has no vectors", name)
	}
	return set
}

// object is a message as the reference implementation has it in memory, with what its tests add.
type object struct {
	Scheme, Domain, Address, Statement, URI, Version, Nonce string
	ChainID                                                 any `json:"chainId"`
	IssuedAt, ExpirationTime, NotBefore                     string
	RequestID                                               string `json:"requestId"`
	Resources                                               []string

	Signature, Time, DomainBinding, MatchNonce string
}

// text prints an object whatever is in it; a field that it must have and has not is an empty value.
func (o object) text() string {
	chain := ""
	if o.ChainID != nil {
		raw, _ := json.Marshal(o.ChainID)
		chain = strings.Trim(string(raw), `"`)
	}
	lines := []string{o.Domain + " wants you to sign in with your Ethereum account:", o.Address, ""}
	if o.Statement != "" {
		lines = append(lines, o.Statement)
	}
	lines = append(lines, "", "URI: "+o.URI, "Version: "+o.Version, "Chain ID: "+chain, "Nonce: "+o.Nonce, "Issued At: "+o.IssuedAt)
	for _, f := range []struct{ label, value string }{
		{"Expiration Time: ", o.ExpirationTime}, {"Not Before: ", o.NotBefore}, {"Request ID: ", o.RequestID},
	} {
		if f.value != "" {
			lines = append(lines, f.label+f.value)
		}
	}
	if o.Resources != nil {
		lines = append(lines, "Resources:")
	}
	for _, r := range o.Resources {
		lines = append(lines, "- "+r)
	}
	return strings.Join(lines, "\n")
}

// says prints the fields of a message as an object, without those of the tests.
func says(m wallet.Message) object {
	return object{
		Scheme: m.Scheme, Domain: m.Domain, Address: m.Address.String(), Statement: m.Statement, URI: m.URI, Version: "1",
		Nonce: m.Nonce, ChainID: m.ChainID, IssuedAt: m.IssuedAt.String(), ExpirationTime: m.ExpirationTime.String(),
		NotBefore: m.NotBefore.String(), RequestID: m.RequestID, Resources: m.Resources,
	}
}

func TestParsingPositive(t *testing.T) {
	t.Parallel()
	type vector struct {
		Message string
		Fields  object
	}
	for name, v := range vectors[vector](t, "parsing_positive.json") {
		m, err := wallet.Parse(v.Message)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := m.Text(); got != v.Message {
			t.Errorf("%s: prints\n%s\nwant\n%s", name, got, v.Message)
		}
		if got, want := says(m).text(), v.Fields.text(); got != want {
			t.Errorf("%s: fields are\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestParsingNegative wants a refusal for the reason that the vector's name gives.
func TestParsingNegative(t *testing.T) {
	t.Parallel()
	kinds := map[string]error{
		"missing address": wallet.ErrAddress, "address not EIP-55": wallet.ErrAddress, "version not 1": wallet.ErrVersion,
	}
	for name, text := range vectors[string](t, "parsing_negative.json") {
		refused(t, name, text, kinds[name])
	}
	for name, text := range vectors[string](t, "invalid_uris.json") {
		refused(t, name, text, nil)
	}
	kinds["missing version"] = wallet.ErrVersion
	for name, o := range vectors[object](t, "parsing_negative_objects.json") {
		refused(t, "object "+name, o.text(), kinds[name])
	}
}

func TestMessageObjects(t *testing.T) {
	t.Parallel()
	type vector struct {
		Msg   object
		Error string
	}
	for name, v := range vectors[vector](t, "message_objects.json") {
		switch v.Error {
		case "none":
			if m, err := wallet.Parse(v.Msg.text()); err != nil || m.Text() != v.Msg.text() {
				t.Errorf("%s: %v, prints\n%s", name, err, m.Text())
			}
		case "invalid EIP-55 address":
			refused(t, name, v.Msg.text(), wallet.ErrAddress)
		default:
			refused(t, name, v.Msg.text(), nil)
		}
	}
}

// refused wants an Error of a kind, nil for ErrMalformed, and no message.
func refused(t *testing.T, name, text string, kind error) {
	t.Helper()
	if kind == nil {
		kind = wallet.ErrMalformed
	}
	m, err := wallet.Parse(text)
	var refusal *wallet.Error
	if !errors.As(err, &refusal) || !errors.Is(err, kind) {
		t.Errorf("%s: got %v, want %v", name, err, kind)
	}
	if m.Domain != "" || m.Nonce != "" {
		t.Errorf("%s: a refused text gave %+v", name, m)
	}
}
