package eventstore

import (
	"fmt"
	"testing"

	"github.com/lib/pq"
)

func TestComplete(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dsn, hosts string
		target     pq.TargetSessionAttrs
	}{
		{"postgres://u:p%40@one:1,two:2/d", "one:1 two:2", "read-write"},
		{"postgresql://u@one,[::1]:7/d?sslmode=disable", "one:5432 ::1:7", "read-write"},
		{"postgres://u@one:1,two:2/d?target_session_attrs=any", "one:1 two:2", "any"},
		{"postgres:///d?host=one,two&port=1,2", "one:1 two:2", "read-write"},
		{"host=one,two port=1,2 dbname=d", "one:1 two:2", "read-write"},
		{"postgres://u@one:1/d", "one:1", ""},
		{"host=one dbname=d", "one:5432", ""},
	} {
		dsn, err := complete(test.dsn)
		if err != nil {
			t.Errorf("%s: %v", test.dsn, err)
			continue
		}
		config, err := pq.NewConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		hosts := hostAndPort(config.Host, config.Port)
		for _, m := range config.Multi {
			hosts += " " + hostAndPort(m.Host, m.Port)
		}
		if hosts != test.hosts || config.TargetSessionAttrs != test.target || config.ConnectTimeout != connectTimeout || config.Database != "d" {
			t.Errorf("%s: got %s, %q, %s, %s", test.dsn, hosts, config.TargetSessionAttrs, config.ConnectTimeout, config.Database)
		}
	}
}

func hostAndPort(host string, port uint16) string { return fmt.Sprintf("%s:%d", host, port) }
