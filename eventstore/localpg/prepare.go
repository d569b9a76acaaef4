package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// prepare makes the data directory ready for a server.
func prepare(ctx context.Context, l layout) (*cluster, error) {
	data := l.path("data")
	id, err := chooseIdentity(data)
	if err != nil {
		return nil, err
	}
	reachable := id.canEnter(l.root)
	if !reachable && !canHideData {
		return nil, fmt.Errorf("user %d, as whom PostgreSQL runs, cannot enter %s: choose another data directory",
			id.uid, l.root)
	}
	c := &cluster{id: id, data: data, sockets: l.sockets(reachable), settings: durableSettings, reachable: reachable}
	major, err := majorVersion(data)
	if err != nil {
		return nil, err
	}
	copyTo := l.path("pgsql")
	if !reachable {
		copyTo = c.sockets + "-pgsql"
	}
	if c.bin, err = findBinaries(ctx, id, major, copyTo); err != nil {
		return nil, err
	}
	if err := os.Chdir("/"); err != nil {
		return nil, err
	}
	c.log, err = os.OpenFile(l.path("postgres.log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := c.initialize(ctx); err != nil {
		return nil, errors.Join(err, c.log.Close())
	}
	return c, nil
}
