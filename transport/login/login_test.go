package login_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/auth"
	"chainmail/transport/login"
	"chainmail/transport/session"
	"chainmail/transport/wallet"
	"chainmail/transport/wallet/wallettest"
)

func TestFirstLoginRegisters(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	ann := wallettest.Of("ann")
	nonce, text := s.challenge(ann)
	m, err := wallet.Parse(text)
	if err != nil || m.Nonce != nonce || m.Domain != "chat.example" || m.URI != "https://chat.example" || m.ChainID != 1 || m.Address != ann.Address() {
		t.Errorf("text to sign: %+v, %v", m, err)
	}
	a := attempt(ann, text)
	tokens, err := s.Login(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	all, events := s.registered()
	if len(all) != 1 {
		t.Fatalf("%d accounts, want 1", len(all))
	}
	u, address := all[0], ann.Address().String()
	if u.UserID != tokens.User || u.WalletAddress != strings.ToLower(address) || u.Role != domain.RoleMember ||
		u.Name != address[:6]+"…"+address[38:] {
		t.Errorf("account: %+v", u)
	}
	if u.Evidence == nil || u.Evidence.Message != text || u.Evidence.Signature != a.Signature {
		t.Errorf("evidence: %+v", u.Evidence)
	}
	if strings.Contains(string(events[0].Payload), nonce) || !strings.Contains(string(events[0].Metadata), `"auth":"wallet"`) {
		t.Errorf("payload %s, metadata %s", events[0].Payload, events[0].Metadata)
	}

	access, refresh := s.claims(tokens.Access, auth.Access), s.claims(tokens.Refresh, auth.Refresh)
	if access.Subject != tokens.User || refresh.Subject != tokens.User || access.SessionID.IsZero() || refresh.SessionID != access.SessionID {
		t.Errorf("claims: %+v and %+v", access, refresh)
	}
	if s.Keys.Actor(access).Auth != domain.AuthWallet || tokens.ExpiresIn != session.AccessTTL {
		t.Errorf("claims: %+v, expires in %s", access, tokens.ExpiresIn)
	}
	if access.ExpiresAt.Sub(access.IssuedAt).Round(time.Minute) != session.AccessTTL || refresh.ExpiresAt.Sub(refresh.IssuedAt).Round(time.Minute) != session.RefreshTTL {
		t.Errorf("lifetimes: %+v and %+v", access, refresh)
	}
	found, err := s.Sessions.List(t.Context(), tokens.User)
	if err != nil || len(found) != 1 || found[0].ID != access.SessionID || found[0].UserAgent != "test" || found[0].Auth != domain.AuthWallet {
		t.Errorf("sessions: %+v, %v", found, err)
	}
}

func TestSecondLoginIsTheSameUser(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, other := newServer(t, db.DSN), newServer(t, db.DSN)
	first, second := s.enter(wallettest.Of("ann")), other.enter(wallettest.Of("ann"))
	if first.User != second.User || s.claims(first.Access, auth.Access).SessionID == s.claims(second.Access, auth.Access).SessionID {
		t.Errorf("got %s and %s, want one user and two sessions", first.User, second.User)
	}
	if bob := s.enter(wallettest.Of("bob")); bob.User == first.User {
		t.Error("another wallet is the same user")
	}
	if all, _ := s.registered(); len(all) != 2 {
		t.Errorf("%d accounts, want 2", len(all))
	}
}

// An account that an operator made for a wallet is the one that it logs in to, with registration closed too.
func TestAnOperatorsAccount(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	s.Closed = true
	ann, bob := wallettest.Of("ann"), wallettest.Of("bob")
	id, err := s.Commands.Register(t.Context(), domain.RegisterUser{
		Actor: domain.Actor{Auth: domain.AuthCLI}, Name: "Ann", WalletAddress: ann.Address().String(), Role: domain.RoleAdmin,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.enter(ann); got.User != id {
		t.Errorf("got %s, want %s", got.User, id)
	}
	_, text := s.challenge(bob)
	_, err = s.Login(t.Context(), attempt(bob, text))
	s.refused("a stranger", err, login.ErrClosed)
	if all, _ := s.registered(); len(all) != 1 {
		t.Errorf("%d accounts, want 1", len(all))
	}
}

// Twenty first logins of one wallet, in two servers, make one account and twenty sessions of it.
func TestFirstLoginsAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	servers := []*server{newServer(t, db.DSN), newServer(t, db.DSN)}
	ann := wallettest.Of("ann")
	var texts [10]string // as many nonces as a wallet may have
	for i := range texts {
		_, texts[i] = servers[0].challenge(ann)
	}
	var users [len(texts)]domain.ID
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range users {
		group.Go(func() {
			<-start
			tokens, err := servers[i%2].Login(t.Context(), attempt(ann, texts[i]))
			if err != nil {
				t.Error(err)
			}
			users[i] = tokens.User
		})
	}
	close(start)
	group.Wait()
	for _, user := range users {
		if user != users[0] || user.IsZero() {
			t.Errorf("users: %v, want one", users)
			break
		}
	}
	if all, _ := servers[0].registered(); len(all) != 1 {
		t.Errorf("%d accounts, want 1", len(all))
	}
	if found, err := servers[0].Sessions.List(t.Context(), users[0]); err != nil || len(found) != len(users) {
		t.Errorf("%d sessions, %v, want %d", len(found), err, len(users))
	}
}

func TestDeactivatedUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	ann := wallettest.Of("ann")
	tokens := s.enter(ann)
	if _, err := s.Commands.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, tokens.User); err != nil {
		t.Fatal(err)
	}
	// The view follows the log a moment later.
	for active := true; active; {
		var err error
		if active, err = s.Commands.Active(t.Context(), tokens.User); err != nil {
			t.Fatal(err)
		}
	}
	_, text := s.challenge(ann)
	_, err := s.Login(t.Context(), attempt(ann, text))
	s.refused("login", err, login.ErrInactive)
	_, err = s.Refresh(t.Context(), tokens.Refresh, "")
	s.refused("refresh", err, login.ErrInactive)
}

// Who may not register has his own error, and no account.
func TestMayRegister(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	ann, tooMany := wallettest.Of("ann"), errors.New("too many")
	_, text := s.challenge(ann)
	a := attempt(ann, text)
	a.MayRegister = func() error { return tooMany }
	if _, err := s.Login(t.Context(), a); !errors.Is(err, tooMany) {
		t.Errorf("got %v, want %v", err, tooMany)
	}
	if all, _ := s.registered(); len(all) != 0 {
		t.Errorf("%d accounts, want none", len(all))
	}
	s.enter(ann)
	_, text = s.challenge(ann)
	a = attempt(ann, text)
	a.MayRegister = func() error { return tooMany }
	if _, err := s.Login(t.Context(), a); err != nil {
		t.Errorf("one who has an account: %v", err)
	}
}

func TestLoginRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	ann, eve := wallettest.Of("ann"), wallettest.Of("eve")
	bobs, _ := s.challenge(wallettest.Of("bob"))
	late, _ := s.challenge(ann)
	s.exec(`UPDATE auth_nonces SET expires_at = now() WHERE nonce = $1`, late)
	now := time.Now()
	for name, tc := range map[string]struct {
		change func(*wallet.Message)
		signer *wallettest.Wallet
		want   error
	}{
		"as asked":         {func(*wallet.Message) {}, ann, nil},
		"another's nonce":  {func(m *wallet.Message) { m.Nonce = bobs }, ann, login.ErrNonce},
		"expired nonce":    {func(m *wallet.Message) { m.Nonce = late }, ann, login.ErrNonce},
		"made-up nonce":    {func(m *wallet.Message) { m.Nonce = strings.Repeat("A", len(m.Nonce)) }, ann, login.ErrNonce},
		"short nonce":      {func(m *wallet.Message) { m.Nonce = "12345678" }, ann, login.ErrNonce},
		"another's wallet": {func(m *wallet.Message) { m.Address = eve.Address() }, eve, login.ErrNonce},
		"another signed":   {func(*wallet.Message) {}, eve, wallet.ErrSigner},
		"another domain":   {func(m *wallet.Message) { m.Domain = "evil.example" }, ann, wallet.ErrDomain},
		"another port":     {func(m *wallet.Message) { m.Domain = "chat.example:8443" }, ann, wallet.ErrDomain},
		"another URI":      {func(m *wallet.Message) { m.URI = "https://evil.example" }, ann, wallet.ErrURI},
		"another scheme":   {func(m *wallet.Message) { m.URI = "http://chat.example" }, ann, wallet.ErrURI},
		"another chain":    {func(m *wallet.Message) { m.ChainID = 137 }, ann, wallet.ErrChain},
		"old":              {func(m *wallet.Message) { m.IssuedAt = wallet.NewTimestamp(now.Add(-7 * time.Minute)) }, ann, wallet.ErrIssuedTooLongAgo},
		"of tomorrow":      {func(m *wallet.Message) { m.IssuedAt = wallet.NewTimestamp(now.Add(2 * time.Minute)) }, ann, wallet.ErrIssuedInFuture},
		"expired":          {func(m *wallet.Message) { m.ExpirationTime = wallet.NewTimestamp(now.Add(-time.Second)) }, ann, wallet.ErrExpired},
		"not yet":          {func(m *wallet.Message) { m.NotBefore = wallet.NewTimestamp(now.Add(time.Hour)) }, ann, wallet.ErrNotYetValid},
		"another version":  {nil, ann, wallet.ErrVersion},
	} {
		nonce, text := s.challenge(ann)
		m, err := wallet.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if tc.change == nil {
			text = strings.Replace(text, "Version: 1", "Version: 2", 1)
		} else {
			tc.change(&m)
			text = m.Text()
		}
		_, err = s.Login(t.Context(), attempt(tc.signer, text))
		if tc.want == nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		s.refused(name, err, tc.want)
		if used, err := s.Sessions.UseNonce(t.Context(), nonce, ann.Address().Lower()); err != nil || !used {
			t.Errorf("%s: the wallet's own nonce is used up, %v", name, err)
		}
	}
	if used, err := s.Sessions.UseNonce(t.Context(), bobs, wallettest.Of("bob").Address().Lower()); err != nil || !used {
		t.Errorf("another's nonce is used up, %v", err)
	}
	if all, _ := s.registered(); len(all) != 1 {
		t.Errorf("%d accounts, want 1", len(all))
	}
}

// A signed text is good once, whoever sends it again.
func TestReplayedLogin(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, other := newServer(t, db.DSN), newServer(t, db.DSN)
	ann := wallettest.Of("ann")
	_, text := s.challenge(ann)
	a := attempt(ann, text)
	if _, err := other.Login(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for _, again := range []*server{s, other} {
		_, err := again.Login(t.Context(), a)
		s.refused("again", err, login.ErrNonce)
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://chat.example", "http://127.0.0.1:8080", "http://[::1]:8080", "https://xn--bcher-kva.example"} {
		if err := login.CheckOrigin(origin(good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []url.URL{
		{Scheme: "http"},
		{Scheme: "http", Host: "bücher.example"},
		{Scheme: "http", Host: "a b"},
		{Scheme: "http", Host: "a\nURI: https://b"},
		{Scheme: "http", Host: "[::1"},
	} {
		if err := login.CheckOrigin(&bad); !errors.Is(err, login.ErrOrigin) {
			t.Errorf("%q: %v", bad.Host, err)
		}
	}
	s := newServer(t, pgtest.New(t).DSN)
	_, _, err := s.Challenge(t.Context(), wallettest.Of("ann").Address(), &url.URL{Scheme: "http"})
	s.refused("no host", err, login.ErrOrigin)
}
