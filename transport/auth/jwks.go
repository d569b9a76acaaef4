package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

const (
	refreshEvery = 5 * time.Minute  // so long at most a withdrawn key stays trusted
	retryEvery   = 10 * time.Second // after a fetch that failed, and between fetches for unknown keys
	fetchTimeout = 5 * time.Second
	maxKeySet    = 1 << 20 // bytes of a JWKS document; it is cut there
)

// keySet holds the public keys behind a JWKS URL (RFC 7517). The keys last fetched stay good while
// the URL cannot be reached. A token that names an unknown key has the set fetched again, at most
// once in retryEvery whoever asks, so that made-up names cannot be used to flood the issuer.
type keySet struct {
	url     string
	name    string // the URL without a password, for logs
	client  *http.Client
	log     *slog.Logger
	store   *jwkset.MemoryJWKSet
	keyfunc keyfunc.Keyfunc

	fetching chan struct{} // holds one token; who has it owns the fields below
	tried    time.Time     // when the last fetch began
	failed   bool          // whether it failed
}

func newKeySet(cfg Config) (*keySet, error) {
	u, err := checkURL(cfg.JWKSURL)
	if err != nil {
		return nil, err
	}
	s := &keySet{
		url:      cfg.JWKSURL,
		name:     u.Redacted(),
		client:   cfg.Client,
		log:      cfg.Log,
		store:    jwkset.NewMemoryStorage(),
		fetching: make(chan struct{}, 1),
	}
	if s.client == nil {
		s.client = http.DefaultClient
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	// A key without "use" may sign (RFC 7517 §4.2: it is optional); one for encryption may not.
	s.keyfunc, err = keyfunc.New(keyfunc.Options{
		Storage:      s.store,
		UseWhitelist: []jwkset.USE{jwkset.UseSig, ""},
	})
	if err != nil {
		return nil, fmt.Errorf("set up the JWKS: %w", err)
	}
	return s, nil
}

// run fetches the keys at once, then every refreshEvery, or every retryEvery while that fails.
func (s *keySet) run(ctx context.Context) error {
	for {
		wait := refreshEvery
		if ok := s.refresh(ctx, time.Now(), 0); !ok {
			wait = retryEvery
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// key returns the key that the token names, or all keys if it names none. A token without "kid"
// causes a fetch only while there are no keys at all.
func (s *keySet) key(ctx context.Context, token *jwt.Token, now time.Time) (any, error) {
	key, err := s.find(ctx, token)
	if err == nil || !errors.Is(err, jwkset.ErrKeyNotFound) {
		return key, err
	}
	// Others wait for this fetch too: it must not end with the request that began it.
	ok := s.refresh(context.WithoutCancel(ctx), now, retryEvery)
	key, err = s.find(ctx, token)
	if errors.Is(err, jwkset.ErrKeyNotFound) && !ok {
		return nil, &Error{Kind: ErrKeysUnavailable, Detail: "the JWKS could not be fetched"}
	}
	return key, err
}

func (s *keySet) find(ctx context.Context, token *jwt.Token) (any, error) {
	key, err := s.keyfunc.KeyfuncCtx(ctx)(token)
	if all, several := key.(jwt.VerificationKeySet); several && len(all.Keys) == 0 {
		return nil, jwkset.ErrKeyNotFound
	}
	return key, err
}

// refresh fetches the keys unless the last fetch began less than apart before now. It reports
// whether the last fetch, this one or that, succeeded. Callers at the same time share one fetch.
func (s *keySet) refresh(ctx context.Context, now time.Time, apart time.Duration) bool {
	select {
	case s.fetching <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-s.fetching }()
	if !s.tried.IsZero() && now.Sub(s.tried) < apart {
		return !s.failed
	}
	s.tried = now
	fetchCtx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	keys, err := s.fetch(fetchCtx)
	if err == nil {
		err = s.store.KeyReplaceAll(fetchCtx, keys)
	}
	s.failed = err != nil
	if s.failed && ctx.Err() == nil {
		s.log.Warn("JWKS not fetched, the keys fetched before stay", "url", s.name, "error", err)
	}
	return !s.failed
}

func (s *keySet) fetch(ctx context.Context) ([]jwkset.JWK, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	var set jwkset.JWKSMarshal
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxKeySet)).Decode(&set); err != nil {
		return nil, err
	}
	if set.Keys == nil {
		return nil, errors.New(`it has no "keys"`)
	}
	return s.usable(set.Keys), nil
}

// usable reads the public keys, leaving out what it cannot read: one odd key must not disable the
// others (RFC 7517 §5).
func (s *keySet) usable(all []jwkset.JWKMarshal) []jwkset.JWK {
	keys := make([]jwkset.JWK, 0, len(all))
	for i, m := range all {
		key, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil {
			s.log.Warn("key of the JWKS left out", "url", s.name, "index", i, "error", err)
			continue
		}
		keys = append(keys, key)
	}
	return keys
}
