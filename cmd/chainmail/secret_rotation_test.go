package main

import (
	"testing"

	"chainmail/migrations/pgtest"
)

// A JWT secret is replaced in three steps (docs/operations.md), and no token is refused before its time.
func TestJWTSecretRotation(t *testing.T) {
	t.Parallel()
	const newer = "another secret of at least 32 bytes"
	m := onDatabase(t, pgtest.New(t).DSN)
	ann := m.must("user", "add", "Ann")
	with := func(secrets string) *machine {
		changed := *m
		changed.env = append(append([]string{}, m.env...), "CHAINMAIL_JWT_SECRET="+secrets)
		return &changed
	}
	before, after := with(testSecret).must("token", ann), with(newer+","+testSecret).must("token", ann)
	for _, step := range []struct {
		secrets       string
		before, after int
	}{
		{testSecret + "," + newer, 200, 200}, // 1: all servers know the newer one, none signs with it
		{newer + "," + testSecret, 200, 200}, // 2: they sign with it
		{newer, 401, 200},                    // 3: the older one is forgotten
	} {
		s := with(step.secrets).serve("--listen", "127.0.0.1:0")
		for token, want := range map[string]int{before: step.before, after: step.after} {
			if status, body := s.ask(token, "GET", "/api/conversations", "", ""); status != want {
				t.Errorf("secrets %q: %d %s, want %d", step.secrets, status, body, want)
			}
		}
		s.stop()
	}
}
