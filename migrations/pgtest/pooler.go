package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"

	"chainmail/eventstore/localpg"
)

// poolerVariable, if set, puts a PgBouncer between the code under test and its databases: see Pooled.
const poolerVariable = "TEST_PGBOUNCER"

// Pooler is a PgBouncer in transaction mode before a server.
type Pooler struct {
	tools   *localpg.Tools
	process *localpg.Process
	output  *os.File
	dir     string
}

// poolerSettings are those of a careful operator: a session's state is left in place for whoever comes next, as by default.
const poolerSettings = `[databases]
* = host=%s port=%d
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = %s
auth_type = trust
auth_file = %s
pool_mode = transaction
max_client_conn = 2000
default_pool_size = 20
server_idle_timeout = 10
server_login_retry = 1
log_connections = 0
log_disconnections = 0
`

// errNoPooler says that there is no PgBouncer on this machine.
var errNoPooler = errors.New("no PgBouncer: run `tools/pgbouncer.sh`, or install it (Debian: apt-get install pgbouncer)")

// StartPooler starts a PgBouncer before the server of a database, which ends with the test. Where there is none the test is
// skipped, and fails if CI is true.
func StartPooler(t testing.TB, dsn string) *Pooler {
	t.Helper()
	p, err := startPooler(dsn)
	switch {
	case errors.Is(err, errNoPooler) && os.Getenv("CI") != "true":
		t.Skipf("NOT TESTED: %v", err)
	case err != nil:
		t.Fatalf("start PgBouncer: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			content, _ := os.ReadFile(p.output.Name())
			t.Logf("what PgBouncer said:\n%s", content[max(0, len(content)-3000):])
		}
		if err := p.close(); err != nil {
			t.Errorf("stop PgBouncer: %v", err)
		}
	})
	return p
}

func startPooler(dsn string) (_ *Pooler, err error) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // often not in PATH
	}
	if _, err := os.Stat(program); errors.Is(err, fs.ErrNotExist) {
		return nil, errNoPooler
	}
	config, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	p := new(Pooler)
	if p.tools, err = localpg.FindTools(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.dir, err = p.tools.Dir("pgbouncer"); err != nil {
		return nil, err
	}
	settings, users := filepath.Join(p.dir, "pgbouncer.ini"), filepath.Join(p.dir, "users.txt")
	for path, content := range map[string]string{
		settings: fmt.Sprintf(poolerSettings, config.Host, config.Port, p.dir, users),
		users:    "\"postgres\" \"\"\n\"chainmail\" \"\"\n\"chainmail_app\" \"\"\n\"chainmail_rebuild\" \"\"\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return nil, err
		}
	}
	if p.output, err = os.Create(filepath.Join(p.dir, "log")); err != nil {
		return nil, err
	}
	if p.process, err = p.tools.Start(p.output, program, settings); err != nil {
		return nil, err
	}
	return p, p.await(ctx, p.URL(dsn))
}

func (p *Pooler) await(ctx context.Context, dsn string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.process.Ended():
			content, _ := os.ReadFile(p.output.Name())
			return fmt.Errorf("%w: %s", p.process.Wait(), content)
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-poll.C:
		}
	}
}

// URL is the address through the pooler of a database on its server.
func (p *Pooler) URL(dsn string) string {
	config, err := pq.NewConfig(dsn)
	if err != nil {
		panic(err) // the pooler was started for such an address
	}
	u := url.URL{Scheme: "postgres", User: url.User(config.User), Path: "/" + config.Database}
	u.RawQuery = url.Values{"host": {p.dir}, "port": {"6432"}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

func (p *Pooler) close() (err error) {
	if p.process != nil {
		select {
		case <-p.process.Ended():
			content, _ := os.ReadFile(p.output.Name())
			err = fmt.Errorf("it ended before: %w; its last words:\n%s", p.process.Wait(), content[max(0, len(content)-2000):])
		default:
			p.process.Signal(syscall.SIGTERM)
			_ = p.process.Wait() // it ends by the signal
		}
	}
	if p.output != nil {
		p.output.Close()
	}
	return errors.Join(err, p.tools.Close())
}

// Pooled is the address through a PgBouncer of a database of this package, for the code under test; the database's own address
// goes with it. It is empty, and so there is no pooler, unless TEST_PGBOUNCER is set and the address is the server's, not that of
// a test's own proxy.
func Pooled(t testing.TB, dsn string) string {
	t.Helper()
	if os.Getenv(poolerVariable) == "" || hostOf(t, dsn) != hostOf(t, mustServer(t)) {
		return ""
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.pooler == nil && shared.poolerErr == nil {
		shared.pooler, shared.poolerErr = startPooler(dsn)
	}
	if shared.poolerErr != nil {
		t.Fatalf("start PgBouncer: %v", shared.poolerErr)
	}
	return shared.pooler.URL(dsn)
}

func hostOf(t testing.TB, dsn string) string {
	t.Helper()
	config, err := pq.NewConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(config.Host, " ", config.Port)
}
