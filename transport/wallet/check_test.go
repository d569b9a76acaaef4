package wallet_test

import (
	"errors"
	"testing"
	"time"

	"chainmail/transport/wallet"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// asked is what the server of these tests wants.
func asked() wallet.Expected {
	return wallet.Expected{
		Domain: "chat.example", Origin: "https://chat.example", ChainIDs: []uint64{1, 137}, Nonce: "k3T9wQ0pZr",
		MaxAge: 5 * time.Minute, Leeway: 30 * time.Second,
	}
}

// answer is the message that fits.
func answer() wallet.Message {
	return wallet.Message{
		Domain: "chat.example", URI: "https://chat.example/login", ChainID: 1, Nonce: "k3T9wQ0pZr",
		IssuedAt: wallet.NewTimestamp(noon),
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) wallet.Timestamp { return wallet.NewTimestamp(noon.Add(d)) }
	type message = wallet.Message
	type expected = wallet.Expected
	tests := []struct {
		name   string
		change func(*message, *expected)
		want   error
	}{
		{"as asked", func(*message, *expected) {}, nil},
		{"scheme named", func(m *message, _ *expected) { m.Scheme = "HTTPS" }, nil},
		{"host in another case", func(m *message, _ *expected) { m.Domain, m.URI = "Chat.Example", "HTTPS://CHAT.example" }, nil},
		{"port of the scheme named", func(m *message, _ *expected) { m.Domain, m.URI = "chat.example:443", "https://chat.example:443/" }, nil},
		{"port of the scheme expected", func(_ *message, e *expected) { e.Domain, e.Origin = "chat.example:443", "https://chat.example:443" }, nil},
		{"another chain that will do", func(m *message, _ *expected) { m.ChainID = 137 }, nil},
		{"any chain", func(m *message, e *expected) { m.ChainID, e.ChainIDs = 99, nil }, nil},
		{"URI with query", func(m *message, _ *expected) { m.URI = "https://chat.example?a=b#c" }, nil},

		{"another scheme", func(m *message, _ *expected) { m.Scheme = "http" }, wallet.ErrDomain},
		{"another domain", func(m *message, _ *expected) { m.Domain = "evil.example" }, wallet.ErrDomain},
		{"subdomain", func(m *message, _ *expected) { m.Domain = "a.chat.example" }, wallet.ErrDomain},
		{"domain as the beginning of another", func(m *message, _ *expected) { m.Domain = "chat.example.evil" }, wallet.ErrDomain},
		{"another port", func(m *message, _ *expected) { m.Domain = "chat.example:8443" }, wallet.ErrDomain},
		{"port of another scheme", func(m *message, _ *expected) { m.Domain = "chat.example:80" }, wallet.ErrDomain},
		{"user information", func(m *message, _ *expected) { m.Domain = "bob@chat.example" }, wallet.ErrDomain},
		{"empty user information", func(m *message, _ *expected) { m.Domain = "@chat.example" }, wallet.ErrDomain},
		{"no domain expected", func(m *message, e *expected) { m.Domain, e.Domain = "", "" }, wallet.ErrDomain},

		{"URI elsewhere", func(m *message, _ *expected) { m.URI = "https://evil.example/login" }, wallet.ErrURI},
		{"URI behind user information", func(m *message, _ *expected) { m.URI = "https://chat.example@evil.example/" }, wallet.ErrURI},
		{"URI with user information", func(m *message, _ *expected) { m.URI = "https://bob@chat.example/" }, wallet.ErrURI},
		{"URI in the clear", func(m *message, _ *expected) { m.URI = "http://chat.example/login" }, wallet.ErrURI},
		{"URI on another port", func(m *message, _ *expected) { m.URI = "https://chat.example:80/" }, wallet.ErrURI},
		{"URI without an authority", func(m *message, _ *expected) { m.URI = "https:chat.example" }, wallet.ErrURI},
		{"no origin expected", func(_ *message, e *expected) { e.Origin = "" }, wallet.ErrURI},
		{"origin without host expected", func(m *message, e *expected) { m.URI, e.Origin = "https:///", "https://" }, wallet.ErrURI},

		{"another chain", func(m *message, _ *expected) { m.ChainID = 2 }, wallet.ErrChain},
		{"another nonce", func(m *message, _ *expected) { m.Nonce = "k3T9wQ0pZs" }, wallet.ErrNonce},
		{"nonce in another case", func(m *message, _ *expected) { m.Nonce = "K3T9wQ0pZr" }, wallet.ErrNonce},
		{"longer nonce", func(m *message, _ *expected) { m.Nonce += "0" }, wallet.ErrNonce},
		{"no nonce expected", func(m *message, e *expected) { m.Nonce, e.Nonce = "", "" }, wallet.ErrNonce},

		{"clock ahead", func(m *message, _ *expected) { m.IssuedAt = at(30 * time.Second) }, nil},
		{"clock too far ahead", func(m *message, _ *expected) { m.IssuedAt = at(30*time.Second + time.Millisecond) }, wallet.ErrIssuedInFuture},
		{"old", func(m *message, _ *expected) { m.IssuedAt = at(-5 * time.Minute) }, nil},
		{"too old", func(m *message, _ *expected) { m.IssuedAt = at(-5*time.Minute - time.Millisecond) }, wallet.ErrIssuedTooLongAgo},
		{"never issued", func(m *message, _ *expected) { m.IssuedAt = wallet.Timestamp{} }, wallet.ErrIssuedTooLongAgo},
		{"about to expire", func(m *message, _ *expected) { m.ExpirationTime = at(time.Millisecond) }, nil},
		{"expiring now", func(m *message, _ *expected) { m.ExpirationTime = at(0) }, wallet.ErrExpired},
		{"just valid", func(m *message, _ *expected) { m.NotBefore = at(0) }, nil},
		{"valid within the leeway", func(m *message, _ *expected) { m.NotBefore = at(30 * time.Second) }, nil},
		{"not valid yet", func(m *message, _ *expected) { m.NotBefore = at(30*time.Second + time.Millisecond) }, wallet.ErrNotYetValid},
		{"nothing expected", func(_ *message, e *expected) { *e = expected{} }, wallet.ErrURI},
	}
	for _, tt := range tests {
		m, want := answer(), asked()
		tt.change(&m, &want)
		err := wallet.Check(m, want, noon)
		var refusal *wallet.Error
		if !errors.Is(err, tt.want) || (err != nil) != errors.As(err, &refusal) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestCheckLocally: a server on a port of the loopback, without TLS.
func TestCheckLocally(t *testing.T) {
	t.Parallel()
	m, want := answer(), asked()
	m.Domain, m.URI = "127.0.0.1:8080", "http://127.0.0.1:8080/"
	want.Domain, want.Origin = "127.0.0.1:8080", "http://127.0.0.1:8080"
	if err := wallet.Check(m, want, noon); err != nil {
		t.Error(err)
	}
	want.Domain, want.Origin = "127.0.0.1:80", "http://127.0.0.1"
	m.Domain, m.URI = "127.0.0.1", "http://127.0.0.1:80"
	if err := wallet.Check(m, want, noon); err != nil {
		t.Error(err)
	}
	want.Domain = "127.0.0.1:8080"
	if err := wallet.Check(m, want, noon); !errors.Is(err, wallet.ErrDomain) {
		t.Error(err)
	}
}
