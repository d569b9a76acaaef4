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

// dialer makes connections to the server.
type dialer struct {
	ws     *websocket.Dialer
	target string // the URL of the socket, without a query
}

// since is where a connection goes on, so that it isn't sent what earlier runs left unacknowledged.
type since struct {
	logID    string
	position int64
}

func newDialer(server string) dialer {
	return dialer{
		ws: &websocket.Dialer{
			HandshakeTimeout: 30 * time.Second,
			ReadBufferSize:   4 << 10,
			WriteBufferSize:  1 << 10, // a frame leaves in pieces of this size, which conn puts together
		},
		target: "ws" + strings.TrimPrefix(strings.TrimSuffix(server, "/"), "http") + "/ws",
	}
}

// connect opens a socket from a place on; with the zero place, with all that is unacknowledged.
func (d dialer) connect(ctx context.Context, account Account, from since) (*client, error) {
	target := d.target
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

// head asks how far the log is.
func (b *bench) head(ctx context.Context, account Account) (since, error) {
	c, err := b.dialer.connect(ctx, account, since{})
	if err != nil {
		return since{}, fmt.Errorf("connect to %s: %w", b.config.URL, err)
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
