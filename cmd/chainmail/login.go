package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"chainmail/transport/httpapi"
	"chainmail/transport/limit"
	"chainmail/transport/login"
	authsession "chainmail/transport/session"
)

// loginFlags say who may log in, and from where.
type loginFlags struct {
	Registration   string   `enum:"open,closed" default:"open" help:"Whether a wallet that is new gets an account when it logs in: ${enum} (default: ${default})."`
	PublicURL      string   `name:"public-url" placeholder:"URL" help:"The server's address as browsers see it, such as https://chat.example.org: what a wallet is asked to log in to (default: what the request names)."`
	TrustedProxies []string `sep:"," placeholder:"NETWORK" help:"Proxies whose X-Forwarded-For counts, such as 10.0.0.0/8; may be repeated (default: none)."`
}

// What an address may do in a minute.
const (
	noncesAMinute        = 60
	loginsAMinute        = 120 // refreshes too
	registrationsAMinute = 30
)

// origin is the public URL, nil when none is given.
func (f loginFlags) origin() (*url.URL, error) {
	if f.PublicURL == "" {
		return nil, nil
	}
	u, err := url.Parse(f.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("--public-url must be like https://chat.example.org, with nothing behind the host and port")
	}
	origin := &url.URL{Scheme: u.Scheme, Host: u.Host}
	if err := login.CheckOrigin(origin); err != nil {
		return nil, fmt.Errorf("--public-url: %w (of a host with other letters, its form xn--…)", err)
	}
	return origin, nil
}

// proxies are the networks of trusted proxies.
func (f loginFlags) proxies() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, text := range f.TrustedProxies {
		network, err := netip.ParsePrefix(text)
		if address, single := netip.ParseAddr(text); single == nil {
			network, err = address.Prefix(address.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies: %q is no network: write it like 10.0.0.0/8 or 10.1.2.3", text)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

// check tells mistakes before anything is started.
func (f loginFlags) check() error {
	_, err := f.origin()
	_, badProxies := f.proxies()
	return errors.Join(err, badProxies)
}

// letIn adds logins to the API, where tokens are made here, and limits them by address.
func (s *server) letIn(config *httpapi.Config) {
	var err error
	if config.PublicURL, err = s.command.origin(); err == nil {
		config.TrustedProxies, err = s.command.proxies()
	}
	if err != nil {
		panic(err) // check has seen them
	}
	if s.sessions == nil {
		return
	}
	config.Sessions = s.sessions
	config.Login = &login.Service{
		Keys: s.keys, Sessions: s.sessions, Commands: s.open.commands,
		Closed: s.command.Registration == "closed", Now: time.Now,
	}
	limits := &config.Limits
	limits.Nonces, limits.Logins = limit.New(noncesAMinute), limit.New(loginsAMinute)
	limits.Registrations = limit.New(registrationsAMinute)
	s.run("login limits", func(ctx context.Context) error {
		return sweep(ctx, limits.Nonces, limits.Logins, limits.Registrations)
	})
}

// sweep lets limiters forget whoever did nothing lately, until ctx ends.
func sweep(ctx context.Context, limiters ...*limit.Limiter) error {
	ticker := time.NewTicker(limit.Window)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			for _, l := range limiters {
				l.Sweep(now)
			}
		}
	}
}

// openSessions returns the store of sessions, nil where tokens are an outside issuer's, whose sessions are his.
func (s *server) openSessions() *authsession.Store {
	if !s.keys.CanMint() {
		return nil
	}
	return &authsession.Store{DB: s.open.log.DB()}
}
