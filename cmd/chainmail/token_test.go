package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"chainmail/transport/auth"
)

// Tokens are what was asked for, signed by the first key, which comes from where it was said to be.
func TestToken(t *testing.T) {
	t.Parallel()
	const user = "01890a5d-ac96-774b-bcce-b302099a8057"
	const other = "98765432109876543210987654321098"
	dir := t.TempDir()
	file := filepath.Join(dir, "secret")
	if err := os.WriteFile(file, []byte(testSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		env    string
		args   []string
		secret string
		of     auth.Type
		ttl    time.Duration
	}{
		"default":      {"CHAINMAIL_JWT_SECRET=" + testSecret, nil, testSecret, auth.Access, time.Hour},
		"list":         {"CHAINMAIL_JWT_SECRET=" + other + "," + testSecret, nil, other, auth.Access, time.Hour},
		"file":         {"CHAINMAIL_JWT_SECRET_FILE=" + file, nil, testSecret, auth.Access, time.Hour},
		"flag first":   {"CHAINMAIL_JWT_SECRET=" + other, []string{"--jwt-secret", testSecret, "--jwt-secret", other}, testSecret, auth.Access, time.Hour},
		"life":         {"CHAINMAIL_JWT_SECRET=" + testSecret, []string{"--ttl", "90s"}, testSecret, auth.Access, 90 * time.Second},
		"life by name": {"CHAINMAIL_TTL=2m", []string{"--jwt-secret", testSecret}, testSecret, auth.Access, 2 * time.Minute},
		"refresh":      {"CHAINMAIL_JWT_SECRET=" + testSecret, []string{"--type", "refresh"}, testSecret, auth.Refresh, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := newMachine(t, dir, test.env).must(append([]string{"token", user}, test.args...)...)
			keys, err := auth.New(auth.Config{Secrets: [][]byte{[]byte(test.secret)}})
			if err != nil {
				t.Fatal(err)
			}
			claims, err := keys.Verify(t.Context(), token, test.of, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			left := time.Until(claims.ExpiresAt)
			if claims.Subject.String() != user || left > test.ttl+time.Second || left < test.ttl-patience {
				t.Errorf("got %+v, want %s for %s", claims, user, test.ttl)
			}
		})
	}
}
