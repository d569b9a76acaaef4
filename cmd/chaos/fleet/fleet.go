package fleet

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"chainmail/cmd/chaos/fault"
)

// Config says what runs.
type Config struct {
	// Program is the path of chainmail.
	Program string
	// Dir is an empty folder for all data and logs, which PostgreSQL's user can enter.
	Dir string
	// Servers is how many there are.
	Servers int
	// Redis has a Redis run, and the servers use it if they know how.
	Redis bool
	// Drain is the servers' --drain; 0 for none.
	Drain time.Duration
	// DiskSize has PostgreSQL's data lie on a file system of so many bytes, where that can be mounted; 0 for none.
	DiskSize int64
	// Standby has PostgreSQL followed by another one.
	Standby Following
	// Clock has PostgreSQL's clock be one that can be made to jump, where that can be built.
	Clock bool
}

// Fleet is what runs. Its methods are for one goroutine; what is part of it may be broken by several at once, each part by one.
type Fleet struct {
	Postgres *Postgres // the primary
	Standby  *Postgres // nil without
	Redis    *Redis    // nil without
	Servers  []*Server
	// NoDisk and NoClock say why there is no disk that can be filled, no clock that can jump; nil when there is, or none was wanted.
	NoDisk, NoClock error

	config Config
	socket atomic.Pointer[string] // the primary's
	secret string
	http   *http.Client
	closed bool
}

// Start brings everything up and returns when all servers are ready.
func Start(ctx context.Context, c Config) (_ *Fleet, err error) {
	var random [16]byte
	_, _ = rand.Read(random[:]) // it never fails
	f := &Fleet{config: c, secret: hex.EncodeToString(random[:]), http: &http.Client{Timeout: 3 * time.Second}}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if err := f.startPostgres(ctx); err != nil {
		return f, err
	}
	if err := f.startStandby(ctx); err != nil {
		return f, err
	}
	if c.Redis {
		if f.Redis, err = startRedis(ctx, filepath.Join(c.Dir, "redis")); err != nil {
			return f, err
		}
	}
	help, err := exec.CommandContext(ctx, c.Program, "serve", "--help").Output()
	if err != nil {
		return f, fmt.Errorf("ask chainmail for its flags: %w", err)
	}
	for n := range c.Servers {
		s, err := f.newServer(n, bytes.Contains(help, []byte("--redis-url")))
		if err != nil {
			return f, err
		}
		f.Servers = append(f.Servers, s)
		if err := s.Start(ctx); err != nil { // one after the other: the first one makes the log
			return f, err
		}
		if err := s.AwaitReady(ctx); err != nil {
			return f, err
		}
	}
	return f, nil
}

// UsesRedis reports whether the servers know what to do with a Redis.
func (f *Fleet) UsesRedis() bool { return f.Redis != nil && f.Servers[0].redis != nil }

// AwaitReady waits until all servers are ready.
func (f *Fleet) AwaitReady(ctx context.Context) error {
	for _, s := range f.Servers {
		if err := s.AwaitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Run runs another command of the program on the fleet's database, without a proxy between, and returns what it printed (its complaints, if
// nothing else) and its exit status.
func (f *Fleet) Run(ctx context.Context, args ...string) (output string, status int, err error) {
	return f.runOn(ctx, filepath.Join(f.config.Dir, "tools"), args)
}

func (f *Fleet) runOn(ctx context.Context, dataDir string, args []string) (output string, status int, err error) {
	cmd := exec.CommandContext(ctx, f.config.Program, args...)
	cmd.Env = append(f.environment(dataDir), "CHAINMAIL_DATABASE_URL="+f.Postgres.DSN())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return cmp.Or(stdout.String(), stderr.String()), exit.ExitCode(), nil
	}
	return stdout.String(), 0, err
}

// environment is what every process of the program gets.
func (f *Fleet) environment(dataDir string) []string {
	env := []string{
		"CHAINMAIL_DATA_DIR=" + dataDir, "CHAINMAIL_JWT_SECRET=" + f.secret, "CHAINMAIL_LOG_KEY_FILE=" + filepath.Join(f.config.Dir, "log.key"),
		"GORACE=atexit_sleep_ms=0",
	}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// Close ends everything, the servers in order. A second time it does nothing.
func (f *Fleet) Close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	var errs []error
	for _, s := range f.Servers {
		errs = append(errs, s.close())
	}
	if f.Redis != nil {
		errs = append(errs, f.Redis.Stop())
	}
	if f.Postgres != nil {
		errs = append(errs, f.Postgres.close())
	}
	if f.Standby != nil {
		errs = append(errs, f.Standby.close())
	}
	f.http.CloseIdleConnections()
	return errors.Join(errs...)
}

// primary leads to the PostgreSQL that takes writes.
func (f *Fleet) primary() (network, address string, ok bool) { return "unix", *f.socket.Load(), true }

// Proxies are those between the servers and PostgreSQL.
func (f *Fleet) Proxies() []*fault.Proxy {
	all := make([]*fault.Proxy, 0, len(f.Servers))
	for _, s := range f.Servers {
		all = append(all, s.Database)
	}
	return all
}
