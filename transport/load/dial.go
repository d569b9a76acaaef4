package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// dialer makes connections to the servers.
type dialer struct {
	ws      *websocket.Dialer
	targets []string // the URLs of the servers' sockets, without a query
}

// since is where a connection goes on, so that it isn't sent what earlier runs left unacknowledged.
type since struct {
	logID    string
	position int64
}

func newDialer(servers []string) dialer {
	d := dialer{
		ws: &websocket.Dialer{
			HandshakeTimeout: 30 * time.Second,
			ReadBufferSize:   4 << 10,
			WriteBufferSize:  1 << 10, // a frame leaves in pieces of this size, which conn puts together
		},
	}
	for _, server := range servers {
		d.targets = append(d.targets, "ws"+strings.TrimPrefix(strings.TrimSuffix(server, "/"), "http")+"/ws")
	}
	return d
}

// place says at which of so many servers the nth account is. The two of a pair, 2i and 2i+1, are at neighbours, so that all that
// goes between them crosses; and every server has its share of those who send.
func place(n, servers int) int { return (n/2 + n%2) % servers }

// connect opens a socket of the nth account from a place on; with the zero place, with all that is unacknowledged.
func (d dialer) connect(ctx context.Context, n int, account Account, from since) (*client, error) {
	target := d.targets[place(n, len(d.targets))]
	if from.logID != "" {
		query := url.Values{"since": {strconv.FormatInt(from.position, 10)}, "log_id": {from.logID}}
		target += "?" + query.Encode()
	}
	c := &client{account: account}
	ws := *d.ws
	ws.NetDialContext = func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		c.conn, err = dialConn(ctx, network, address)
		return c.conn, err
	}
	var response *http.Response
	var err error
	c.ws, response, err = ws.DialContext(ctx, target, http.Header{"Authorization": {"Bearer " + account.Token}})
	if err != nil && response != nil {
		return nil, fmt.Errorf("%w: the server answered %s", err, response.Status)
	}
	return c, err
}

// head asks the first server how far the log is. Others wait until they are as far.
func (b *bench) head(ctx context.Context, account Account) (since, error) {
	c, err := b.dialer.connect(ctx, 0, account, since{})
	if err != nil {
		return since{}, fmt.Errorf("connect to %s: %w", b.config.URLs[0], err)
	}
	defer context.AfterFunc(ctx, func() { _ = c.conn.Close() })()
	defer c.close()
	var first struct {
		Position int64
		LogID    string `json:"log_id"`
	}
	err = c.read(func(kind string, frame []byte) error {
		if kind != "authenticated" {
			return fmt.Errorf("the first frame is %.200q", frame)
		}
		if err := json.Unmarshal(frame, &first); err != nil {
			return err
		}
		return io.EOF
	})
	if !errors.Is(err, io.EOF) {
		return since{}, fmt.Errorf("ask for the head: %w", err)
	}
	return since{first.LogID, first.Position}, nil
}
