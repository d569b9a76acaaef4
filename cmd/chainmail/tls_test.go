package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"testing"

	"chainmail/migrations/pgtest"
)

// TestAnAddressThatSaysNothingOfTLS reaches a server that has none, as psql does. The driver by
// itself demands TLS.
func TestAnAddressThatSaysNothingOfTLS(t *testing.T) {
	t.Parallel()
	dsn, err := url.Parse(pgtest.Empty(t).DSN)
	if err != nil {
		t.Fatal(err)
	}
	query := dsn.Query()
	port := query.Get("port")
	if port == "" {
		port = "5432"
	}
	address := overTCP(t, filepath.Join(query.Get("host"), ".s.PGSQL."+port))
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), []string{
		"migrate", "status", "--json", "--database-url", fmt.Sprintf("postgres://postgres@%s%s", address, dsn.Path),
	}, &stdout, &stderr)
	if status != exitDone {
		t.Errorf("exit %d: %s", status, stderr.String())
	}
}

// overTCP makes a Unix socket reachable at the address that it returns.
func overTCP(t *testing.T, socket string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() { // ends with the listener
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				client.Close()
				return
			}
			go func() { io.Copy(server, client); server.Close() }()
			go func() { io.Copy(client, server); client.Close() }()
		}
	}()
	return listener.Addr().String()
}
