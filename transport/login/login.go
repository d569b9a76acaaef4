package login

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"chainmail/domain"
	"chainmail/transport/auth"
	"chainmail/transport/command"
	"chainmail/transport/session"
	"chainmail/transport/wallet"
)

const (
	// chain is the one in the text to sign, and the only one that will do: Ethereum's. An account is the same on all.
	chain = 1
	// leeway is how far a client's clock may be ahead.
	leeway = time.Minute
	// maxAge is how long ago a text may have been issued. Its nonce is good for 5 minutes by the server's clock.
	maxAge = session.NonceTTL + leeway
)

// Sentinels of refusals. A *Refused has one of these, or one of package wallet or session, as its cause.
var (
	ErrNonce    = errors.New("the nonce is used, has expired, or is not for this wallet: ask for another")
	ErrInactive = errors.New("user not found or inactive")
	// ErrClosed says that the wallet is nobody's, and that nobody may register.
	ErrClosed = errors.New("no account has this wallet, and registration is closed: ask an administrator")
	// ErrOrigin says that the page's origin cannot stand in a text to sign.
	ErrOrigin = errors.New("an origin is http or https, a host and perhaps a port, in the letters of RFC 3986")
)

// Refused is a login or refresh that did not pass. Its text is for the client.
type Refused struct{ Cause error }

func (r *Refused) Error() string { return r.Cause.Error() }

// Unwrap gives the cause.
func (r *Refused) Unwrap() error { return r.Cause }

// Service lets people in. Its methods may run concurrently.
type Service struct {
	Keys     *auth.Keys // must be able to mint
	Sessions *session.Store
	Commands *command.Service
	Closed   bool // a wallet without an account stays outside
	Now      func() time.Time
}

// Attempt is a wallet's wish to log in.
type Attempt struct {
	Text      string   // of EIP-4361
	Signature string   // of EIP-191: 0x and 130 hex digits
	Origin    *url.URL // of the page that it is for
	UserAgent string   // may be empty
	// MayRegister is asked before an account is made; its error ends the login.
	MayRegister func() error
}

// Tokens are what a login, or a refresh, gives.
type Tokens struct {
	User      domain.ID
	Access    string
	Refresh   string
	ExpiresIn time.Duration // of Access
}

// Challenge makes a nonce for a wallet, and the text that it is asked to sign for a page of this origin.
func (s *Service) Challenge(ctx context.Context, address wallet.Address, origin *url.URL) (nonce, text string, err error) {
	if err := CheckOrigin(origin); err != nil {
		return "", "", &Refused{err}
	}
	if nonce, err = s.Sessions.NewNonce(ctx, address.Lower()); err != nil {
		return "", "", err
	}
	return nonce, message(origin, address, nonce, s.Now()).Text(), nil
}

// CheckOrigin returns ErrOrigin for an origin that cannot stand in a text to sign.
func CheckOrigin(origin *url.URL) error {
	m := message(origin, wallet.Address{}, "12345678", time.Unix(0, 0))
	if got, err := wallet.Parse(m.Text()); err != nil || got.Domain != m.Domain || got.URI != m.URI {
		return ErrOrigin
	}
	return nil
}

func message(origin *url.URL, address wallet.Address, nonce string, now time.Time) wallet.Message {
	return wallet.Message{
		Domain: origin.Host, Address: address, Statement: "Log in to Chainmail.", URI: origin.String(), ChainID: chain,
		Nonce: nonce, IssuedAt: wallet.NewTimestamp(now), ExpirationTime: wallet.NewTimestamp(now.Add(session.NonceTTL)),
	}
}

// Login checks a signed text and begins a session of the wallet's user. The error is a *Refused for a text that is not the right one, or not signed
// by the wallet in it, or where the wallet may not come in. The nonce is used up then, unless it was the text that was wrong.
func (s *Service) Login(ctx context.Context, a Attempt) (Tokens, error) {
	m, err := wallet.Verify(a.Text, a.Signature)
	if err == nil {
		err = wallet.Check(m, wallet.Expected{
			Domain: a.Origin.Host, Origin: a.Origin.String(), ChainIDs: []uint64{chain}, Nonce: m.Nonce, MaxAge: maxAge, Leeway: leeway,
		}, s.Now())
	}
	if err != nil {
		return Tokens{}, &Refused{err}
	}
	// After the signature, so that nobody uses up another's nonce.
	used, err := s.Sessions.UseNonce(ctx, m.Nonce, m.Address.Lower())
	if err != nil {
		return Tokens{}, err
	}
	if !used {
		return Tokens{}, &Refused{ErrNonce}
	}
	user, err := s.account(ctx, m.Address, a)
	if err != nil {
		return Tokens{}, err
	}
	begun, refresh, err := s.Sessions.Begin(ctx, user, domain.AuthWallet, a.UserAgent)
	if err != nil {
		return Tokens{}, err
	}
	return s.tokens(begun, refresh)
}

// account finds the wallet's user, or registers one.
func (s *Service) account(ctx context.Context, address wallet.Address, a Attempt) (domain.ID, error) {
	user, err := s.Commands.WalletUser(ctx, address.Lower())
	if err != nil {
		return domain.ID{}, err
	}
	if !user.IsZero() {
		return user, s.checkActive(ctx, user)
	}
	if s.Closed {
		return domain.ID{}, &Refused{ErrClosed}
	}
	if err := a.MayRegister(); err != nil {
		return domain.ID{}, err
	}
	evidence := domain.Evidence{Message: a.Text, Signature: a.Signature}
	user, err = s.Commands.RegisterWallet(ctx, address.Lower(), shortName(address), evidence)
	if errors.Is(err, &domain.Refusal{Code: domain.Conflict, Field: "wallet"}) { // two first logins at once
		if user, err = s.Commands.WalletUser(ctx, address.Lower()); err == nil {
			err = s.checkActive(ctx, user)
		}
	}
	return user, err
}

func (s *Service) checkActive(ctx context.Context, user domain.ID) error {
	active, err := s.Commands.Active(ctx, user)
	if err == nil && !active {
		err = &Refused{ErrInactive}
	}
	return err
}

// shortName is how a wallet's user is called until he has a name: as wallets show it.
func shortName(address wallet.Address) string {
	text := address.String()
	return text[:6] + "…" + text[len(text)-4:]
}

// tokens mints a pair for a session.
func (s *Service) tokens(of session.Session, refresh domain.ID) (Tokens, error) {
	now := s.Now()
	t := Tokens{User: of.UserID, ExpiresIn: session.AccessTTL}
	grant := auth.Grant{Subject: of.UserID, SessionID: of.ID, Auth: of.Auth, Type: auth.Access, TTL: session.AccessTTL}
	var err error
	if t.Access, _, err = s.Keys.Mint(grant, now); err != nil {
		return Tokens{}, fmt.Errorf("mint an access token: %w", err)
	}
	grant.Type, grant.TTL, grant.TokenID = auth.Refresh, session.RefreshTTL, refresh.String()
	if t.Refresh, _, err = s.Keys.Mint(grant, now); err != nil {
		return Tokens{}, fmt.Errorf("mint a refresh token: %w", err)
	}
	return t, nil
}
