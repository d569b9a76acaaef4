package login_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections/view"
	"chainmail/transport/auth"
	"chainmail/transport/command"
	"chainmail/transport/login"
	"chainmail/transport/session"
	"chainmail/transport/wallet/wallettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

// server lets people in; several may share a database.
type server struct {
	*login.Service
	t   *testing.T
	log *eventstore.Log
}

var (
	page   = origin("https://chat.example")
	secret = bytes.Repeat([]byte("s"), auth.MinSecret)
)

func origin(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}

func newServer(t *testing.T, dsn string) *server {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	log := eventstoretest.Open(t, dsn)
	v, err := view.Load(t.Context(), log, logger)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := auth.New(auth.Config{Secrets: [][]byte{secret}})
	if err != nil {
		t.Fatal(err)
	}
	commands := command.New(log, v, nobody{}, logger)
	running, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() {
		for tail := log.Tail(v.Position()); ; {
			events, err := tail.Next(running)
			if err != nil {
				return
			}
			v.Apply(events)
		}
	})
	t.Cleanup(func() {
		commands.Close()
		cancel()
		following.Wait()
	})
	service := &login.Service{Keys: keys, Sessions: &session.Store{DB: log.DB()}, Commands: commands, Now: time.Now}
	return &server{Service: service, t: t, log: log}
}

// nobody has sent a message.
type nobody struct{}

func (nobody) Find(context.Context, []domain.ID, domain.Position) (map[domain.ID]domain.MessageRef, error) {
	return nil, nil
}

// challenge asks for a text to sign.
func (s *server) challenge(w *wallettest.Wallet) (nonce, text string) {
	s.t.Helper()
	nonce, text, err := s.Challenge(s.t.Context(), w.Address(), page)
	if err != nil {
		s.t.Fatal(err)
	}
	return nonce, text
}

// attempt signs a text as a wallet does.
func attempt(w *wallettest.Wallet, text string) login.Attempt {
	return login.Attempt{
		Text: text, Signature: w.Sign(text), Origin: page, UserAgent: "test", MayRegister: func() error { return nil },
	}
}

// enter logs a wallet in.
func (s *server) enter(w *wallettest.Wallet) login.Tokens {
	s.t.Helper()
	_, text := s.challenge(w)
	tokens, err := s.Login(s.t.Context(), attempt(w, text))
	if err != nil {
		s.t.Fatal(err)
	}
	return tokens
}

// claims reads a token.
func (s *server) claims(token string, of auth.Type) auth.Claims {
	s.t.Helper()
	claims, err := s.Keys.Verify(s.t.Context(), token, of, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return claims
}

// refused fails the test unless the error is this refusal.
func (s *server) refused(what string, err, want error) {
	s.t.Helper()
	var refused *login.Refused
	if !errors.As(err, &refused) || !errors.Is(err, want) {
		s.t.Errorf("%s: got %v, want it refused: %v", what, err, want)
	}
}

// ended reports whether a session is over.
func (s *server) ended(id domain.ID) bool {
	s.t.Helper()
	ended, err := s.Sessions.Ended(s.t.Context(), []domain.ID{id})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(ended) == 1
}

// exec changes rows by hand, such as their times.
func (s *server) exec(statement string, args ...any) {
	s.t.Helper()
	if _, err := s.log.DB().ExecContext(s.t.Context(), statement, args...); err != nil {
		s.t.Fatal(err)
	}
}

// registered returns the accounts in the log.
func (s *server) registered() (all []*domain.UserRegistered, by []domain.Event) {
	s.t.Helper()
	events, err := s.log.Read(s.t.Context(), 0, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			s.t.Fatal(err)
		}
		if u, ok := data.(*domain.UserRegistered); ok {
			all, by = append(all, u), append(by, e)
		}
	}
	return all, by
}
