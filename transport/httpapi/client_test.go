package httpapi_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"chainmail/transport/httpapi"
	"chainmail/transport/limit"
	"chainmail/transport/wallet"
	"chainmail/transport/wallet/wallettest"
)

// Limits are by the address that a trusted proxy names; nobody else's word counts.
func TestClientAddresses(t *testing.T) {
	t.Parallel()
	const proxies = "127.0.0.0/8 10.0.0.0/8 fd00::/8"
	for name, tc := range map[string]struct {
		trusted       string // networks
		first, second string // X-Forwarded-For of two requests
		same          bool   // they come from one address
	}{
		"no proxy":                     {"", "", "", true},
		"an untrusted peer":            {"10.0.0.0/8", "192.0.2.1", "192.0.2.2", true},
		"two clients":                  {proxies, "192.0.2.1", "192.0.2.2", false},
		"one client":                   {proxies, "192.0.2.1", "192.0.2.1", true},
		"one client, two ports":        {proxies, "192.0.2.1:1000", "192.0.2.1:2000", true},
		"what the client says himself": {proxies, "198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1", true},
		"through two proxies":          {proxies, "192.0.2.1, 10.1.1.1", "192.0.2.2, 10.1.1.1", false},
		"behind a strange proxy":       {proxies, "192.0.2.1, 203.0.113.9", "192.0.2.2, 203.0.113.9", true},
		"nonsense":                     {proxies, "unknown", "_hidden", true},
		"nonsense before a client":     {proxies, "unknown, 192.0.2.1", "192.0.2.2", false},
		"mapped":                       {proxies, "::ffff:192.0.2.1", "192.0.2.1", true},
		"one network of IPv6":          {proxies, "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
		"one network, with a port":     {proxies, "[2001:db8:0:1::1]:443", "2001:db8:0:1::2", true},
		"two networks of IPv6":         {proxies, "2001:db8:0:1::1", "2001:db8:0:2::1", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withLogin, func(c *httpapi.Config) {
				c.Limits.Nonces = limit.New(1)
				for _, network := range strings.Fields(tc.trusted) {
					c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(network))
				}
			})
			ask := func(forwarded string) int {
				t.Helper()
				var header []string
				if forwarded != "" {
					header = []string{"X-Forwarded-For", forwarded}
				}
				body := object{"address": wallettest.Of("ann").Address().Lower()}
				return w.call("", http.MethodPost, "/api/auth/nonce", body, header...).status
			}
			want := http.StatusOK
			if tc.same {
				want = http.StatusTooManyRequests
			}
			if first, second := ask(tc.first), ask(tc.second); first != http.StatusOK || second != want {
				t.Errorf("got %d and %d, want 200 and %d", first, second, want)
			}
		})
	}
}

// A wallet is asked to log in to the page that asks, if it is an allowed one, or else to the server.
func TestOriginOfALogin(t *testing.T) {
	t.Parallel()
	public, err := url.Parse("https://chat.example")
	if err != nil {
		t.Fatal(err)
	}
	own := newWorld(t, withLogin)
	behind := newWorld(t, withLogin, func(c *httpapi.Config) {
		c.PublicURL, c.Origins = public, []string{"https://page.example/", "https://other.example:8443"}
	})
	anybody := newWorld(t, withLogin, func(c *httpapi.Config) { c.Origins = []string{"*"} })
	for name, tc := range map[string]struct {
		w            *world
		origin, want string
	}{
		"itself":                   {own, "", own.url},
		"its own page":             {own, own.url, own.url},
		"a strange page":           {own, "https://evil.example", own.url},
		"public":                   {behind, "", "https://chat.example"},
		"its own page, public":     {behind, "https://chat.example", "https://chat.example"},
		"an allowed page":          {behind, "https://page.example", "https://page.example"},
		"an allowed page, a port":  {behind, "https://other.example:8443", "https://other.example:8443"},
		"a strange page, public":   {behind, "https://evil.example", "https://chat.example"},
		"an allowed page's sister": {behind, "https://page.example:444", "https://chat.example"},
		"no page":                  {behind, "null", "https://chat.example"},
		"any page":                 {anybody, "https://evil.example", anybody.url},
	} {
		ann := wallettest.Of(name)
		var header []string
		if tc.origin != "" {
			header = []string{"Origin", tc.origin}
		}
		text := tc.w.challenge(ann, header...)
		m, err := wallet.Parse(text)
		if _, host, _ := strings.Cut(tc.want, "://"); err != nil || m.URI != tc.want || m.Domain != host {
			t.Errorf("%s: asked to log in to %s at %s, %v, want %s", name, m.Domain, m.URI, err, tc.want)
		}
		tc.w.enter(ann, header...)
	}
	// What was signed for one page does not do for another.
	ann := wallettest.Of("ann")
	text := behind.challenge(ann, "Origin", "https://page.example")
	behind.call("", http.MethodPost, "/api/auth/login", object{"message": text, "signature": ann.Sign(text)}).shut("another domain")
}

// A request that names no host is told so.
func TestLoginWithoutAHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := `{"address":"` + wallettest.Of("ann").Address().Lower() + `"}`
	if _, err := fmt.Fprintf(conn, "POST /api/auth/nonce HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnprocessableEntity || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
}
