package httpapi

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"chainmail/domain"
	"chainmail/transport/auth"
	"chainmail/transport/limit"
)

// client is who sends a request that has no token.
type client struct {
	address   netip.Addr
	origin    *url.URL // of the page that asks
	userAgent string
}

type clientKey struct{}

// noteClient puts the client into the context.
func (a *api) noteClient(ctx huma.Context, next func(huma.Context)) {
	r, _ := humago.Unwrap(ctx)
	next(huma.WithValue(ctx, clientKey{}, client{a.addressOf(r), a.originOf(r), r.UserAgent()}))
}

func clientOf(ctx context.Context) client { return ctx.Value(clientKey{}).(client) }

// allowClient asks a limiter whether the client's address may go on.
func (a *api) allowClient(ctx context.Context, l *limit.Limiter) error {
	if l == nil {
		return nil
	}
	if after, ok := l.Allow(addressKey(clientOf(ctx).address), 1, a.Now()); !ok {
		return limited(after)
	}
	return nil
}

// addressKey is what limits are counted by: the address, or of IPv6 the network of 64 bits, which one person has to himself.
func addressKey(address netip.Addr) domain.ID {
	if address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			address = network.Addr()
		}
	}
	return address.As16()
}

// addressOf is where a request comes from. Each trusted proxy vouches for the address that it adds to X-Forwarded-For, at
// the end, so the last one that is no proxy's is the client's.
func (a *api) addressOf(r *http.Request) netip.Addr {
	address := parseAddress(r.RemoteAddr)
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(forwarded) {
		before := parseAddress(strings.TrimSpace(hop))
		if !a.trusts(address) || !before.IsValid() {
			break
		}
		address = before
	}
	return address
}

func (a *api) trusts(proxy netip.Addr) bool {
	return slices.ContainsFunc(a.TrustedProxies, func(network netip.Prefix) bool { return network.Contains(proxy) })
}

// parseAddress reads an address with or without a port. What is none is the zero address.
func parseAddress(text string) netip.Addr {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap().WithZone("")
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}

// originOf is the origin of the page that asks: an allowed one, or else the server's own.
func (a *api) originOf(r *http.Request) *url.URL {
	if origin := r.Header.Get("Origin"); origin != "" && auth.AllowsOrigin(a.Origins, origin) {
		if u, err := url.Parse(origin); err == nil && u.Host != "" {
			return u
		}
	}
	if a.PublicURL != nil {
		return a.PublicURL
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: r.Host}
}
