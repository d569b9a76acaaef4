package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"chainmail/migrations"
)

type serveCommand struct {
	commonFlags
	policyFlag
	modelFlags
	loginFlags
	traceFlag
	redisFlags
	Listen                 string        `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Where to listen (default: ${default})."`
	AdminListen            string        `placeholder:"ADDRESS" help:"An address of their own for /metrics and profiling (/debug/pprof/)."`
	AllowedOrigins         []string      `sep:"," placeholder:"ORIGIN" help:"Pages that may connect, such as https://example.org; may be repeated (default: the server's own host)."`
	RateLimit              int           `default:"100" placeholder:"N" help:"Messages a minute a user; 0 for no limit (default: ${default})."`
	BatchSize              int           `default:"1024" placeholder:"N" help:"Events that are sealed together at most, 1 to 65536 (default: ${default})."`
	BatchInterval          time.Duration `default:"10s" placeholder:"TIME" help:"How long after its first event a batch is sealed though it is not full (default: ${default})."`
	DatabaseMaxConnections int           `default:"20" placeholder:"N" help:"Connections to the database that are open at once, at most; 10 or more (default: ${default})."`
	Drain                  time.Duration `placeholder:"TIME" help:"How long to go on after being told to end: not ready from then on, and closing sockets one by one (default: not at all)."`
	NoMigrate              bool          `help:"Do not apply schema migrations at start."`
	Demo                   bool          `help:"Make two users and print a link to log in as each (loopback only)."`
}

func (c *serveCommand) Help() string {
	return `Without --database-url it runs a PostgreSQL of its own in --data-dir and keeps the data there.

Examples:
  chainmail serve --demo
  CHAINMAIL_JWT_SECRET_FILE=/run/secrets/jwt chainmail serve --database-url postgres://chainmail@db/chainmail --listen :8080`
}

// minConnections is how few connections a server can do with: one appends, one listens, one is the start's, each projection
// has one, and readers want some.
const minConnections = 10

// maxBatchSize bounds --batch-size: what is read at once for a seal.
const maxBatchSize = 1 << 16

func (c *serveCommand) check() error {
	switch {
	case c.RateLimit < 0:
		return errors.New("--rate-limit is negative: use 0 for no limit")
	case c.BatchSize < 1 || c.BatchSize > maxBatchSize:
		return fmt.Errorf("--batch-size is %d: it must be from 1 to %d", c.BatchSize, maxBatchSize)
	case c.BatchInterval <= 0:
		return fmt.Errorf("--batch-interval is %s: it must be more than 0", c.BatchInterval)
	case c.DatabaseMaxConnections < minConnections:
		return fmt.Errorf("--database-max-connections is %d: it must be %d or more", c.DatabaseMaxConnections, minConnections)
	case c.Drain < 0:
		return errors.New("--drain is negative: leave it out to end at once")
	case c.Demo && !isLoopback(c.Listen):
		return fmt.Errorf("--demo prints links that log in as its users: --listen must be a loopback address, not %s", c.Listen)
	}
	return errors.Join(c.modelFlags.check(), c.loginFlags.check(), c.redisFlags.check())
}

// Run serves until ctx ends, and returns nil after a clean end.
func (c *serveCommand) Run(ctx context.Context, s streams) (err error) {
	logger := c.logger(s.err)
	if err := c.check(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close() // the HTTP server closes it too
	keys, err := c.tokenKeys(&c.databaseFlags, true, logger)
	if err != nil {
		return err
	}
	server, err := c.start(ctx, keys, listener, logger)
	if err != nil {
		if ctx.Err() != nil {
			return nil // told to end while starting
		}
		return err
	}
	logger.Info("ready", "address", listener.Addr().String(), "log_id", server.open.created.LogID.String())
	fmt.Fprintf(s.out, "Chainmail is at http://%s\n", listener.Addr())
	if c.Demo {
		if err := server.printDemo(ctx, s.out); err != nil {
			server.shutdown()
			return err
		}
	}
	select {
	case <-ctx.Done():
		logger.Info("ending", "drain", c.Drain.String())
		server.drain()
	case err = <-server.failed:
		logger.Error("ending after a failure", "error", err)
	}
	server.shutdown()
	return err
}

// prepare brings the schema up to date, or demands that it is.
func (c *serveCommand) prepare(ctx context.Context, d *database) error {
	if !c.NoMigrate {
		return migrations.Up(ctx, d.db, d.logger)
	}
	return d.migrate(ctx)
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

const (
	// shutdownTimeout bounds how long requests under way may take once the server ends: maxModelTimeout, and what comes after.
	shutdownTimeout = maxModelTimeout + time.Second
	// shutdownLimit bounds the whole end. Sockets are gone after 6 s (ws.Server.Run).
	shutdownLimit = 8 * time.Second
)
