package eventstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/lib/pq"
)

// OpenDB opens a pool whose []byte parameters travel in binary, as package pgarray needs. Connections go to the host that takes
// writes, where the address has several and does not say otherwise. Once the database has refused to write because it is
// read-only, all of them are made anew: another one may be the primary by now.
func OpenDB(dsn string) (*sql.DB, error) { return openDB(dsn, false) }

// OpenPooled is OpenDB for the address of a pooler whose connections are a client's for one transaction only. [Prepare] prepares
// nothing there.
func OpenPooled(dsn string) (*sql.DB, error) { return openDB(dsn, true) }

func openDB(dsn string, pooled bool) (*sql.DB, error) {
	dsn, err := complete(dsn)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	config, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	config.BinaryParameters = true
	if _, err := pq.NewConnectorConfig(config); err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	db := sql.OpenDB(&connector{config: config, pooled: pooled})
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(8)
	return db, nil
}

// Pooled reports whether a pool of OpenDB or OpenPooled is one of the latter.
func Pooled(db *sql.DB) bool {
	c, ok := db.Driver().(*connector)
	return ok && c.pooled
}

// connector makes a pool's connections, and knows which of them are of use no more.
type connector struct {
	config     pq.Config
	pooled     bool
	generation atomic.Int64 // grows whenever all connections are to be made anew
}

// Driver returns the connector, so that whoever has the pool finds it.
func (c *connector) Driver() driver.Driver { return c }

// Open is not for use: a pool has its address.
func (c *connector) Open(string) (driver.Conn, error) {
	return nil, errors.New("a pool does not connect elsewhere")
}

// Connect makes a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	generation := c.generation.Load()
	each, err := pq.NewConnectorConfig(c.config)
	if err != nil {
		return nil, err
	}
	dialer := &dialler{pooled: c.pooled}
	each.Dialer(dialer)
	inner, err := each.Connect(ctx)
	if err != nil && c.config.TargetSessionAttrs != "" && ctx.Err() == nil {
		// that no host is the one that is looked for is for callers what it is that none answers
		err = &net.OpError{Op: "connect", Net: "postgres", Err: err}
	}
	if err != nil {
		return nil, err
	}
	dialer.stands()
	conn, ok := inner.(pqConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("connect: %T is not what the driver makes", inner), inner.Close())
	}
	return &connection{conn, c, generation}, nil
}

// renew drops the connections of a generation, those in use when they are given back.
func (c *connector) renew(generation int64) { c.generation.CompareAndSwap(generation, generation+1) }

// renewals counts how often a pool's connections were dropped, 0 for a pool that is not of OpenDB.
func renewals(db *sql.DB) int64 {
	if c, ok := db.Driver().(*connector); ok {
		return c.generation.Load()
	}
	return 0
}

// renew drops the connections that a pool has had since it was renewed so many times.
func renew(db *sql.DB, times int64) {
	if c, ok := db.Driver().(*connector); ok {
		c.renew(times)
	}
}

// pqConn is what the driver's connections can do.
type pqConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// connection is one that looks at what the database refuses. What a query's later rows say it does not see: a statement that
// writes is refused before its first.
type connection struct {
	pqConn
	owner      *connector
	generation int64
}

func (c *connection) stale() bool { return c.owner.generation.Load() != c.generation }

// IsValid is asked when the connection is given back.
func (c *connection) IsValid() bool { return !c.stale() && c.pqConn.IsValid() }

// ResetSession is called when it is taken out.
func (c *connection) ResetSession(ctx context.Context) error {
	if c.stale() {
		return driver.ErrBadConn
	}
	return c.pqConn.ResetSession(ctx)
}

func (c *connection) noted(err error) error {
	if isReadOnly(err) {
		c.owner.renew(c.generation)
	}
	return err
}

func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.pqConn.QueryContext(ctx, query, args)
	return rows, c.noted(err)
}

func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.pqConn.ExecContext(ctx, query, args)
	return result, c.noted(err)
}

// BeginTx gives a standby's refusal of the driver's BEGIN READ WRITE, which has a code of its own, that of all others.
func (c *connection) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := c.pqConn.BeginTx(ctx, options)
	var refused *pq.Error
	if errors.As(err, &refused) && refused.Code == featureNotSupported {
		err = &pq.Error{Severity: refused.Severity, Code: readOnly, Message: refused.Message}
	}
	return tx, c.noted(err)
}

func (c *connection) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	inner, err := c.pqConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.noted(err)
	}
	if stmt, ok := inner.(pqStmt); ok {
		return &statement{stmt, c}, nil
	}
	return inner, nil // COPY
}

// pqStmt is what the driver's statements can do.
type pqStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type statement struct {
	pqStmt
	conn *connection
}

func (s *statement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := s.pqStmt.QueryContext(ctx, args)
	return rows, s.conn.noted(err)
}

func (s *statement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	result, err := s.pqStmt.ExecContext(ctx, args)
	return result, s.conn.noted(err)
}

const (
	readOnly            = "25006" // read_only_sql_transaction
	featureNotSupported = "0A000"
)

// isReadOnly reports whether the database refused to write because it is read-only: a standby, or told to be.
func isReadOnly(err error) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code == readOnly
}
