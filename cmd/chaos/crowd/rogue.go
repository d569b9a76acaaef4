package crowd

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	random "math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/cmd/chaos/fleet"
)

// rogues is how many clients misbehave: one never reads, one never closes, one floods.
const rogues = 3

// misbehave starts the rogues, each until ctx ends.
func (c *Crowd) misbehave(ctx context.Context) {
	accounts := c.accounts[len(c.accounts)-rogues:]
	for n, act := range []func(context.Context, string, fleet.Account){c.neverRead, c.neverClose, c.flood} {
		c.work.Go(func() {
			r := random.New(random.NewPCG(c.config.Seed, 3+uint64(n)))
			for pause(ctx, time.Duration(200+r.IntN(800))*time.Millisecond) {
				if address := c.config.Where(r); address != "" {
					act(ctx, address, accounts[n])
				}
			}
		})
	}
}

// handshake upgrades a bare connection (RFC 6455 §4.1), so that nobody reads it unless told to.
func handshake(ctx context.Context, address string, account fleet.Account) (net.Conn, error) {
	dialer := net.Dialer{Timeout: handshakeLimit}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	var key [16]byte
	_, _ = rand.Read(key[:]) // it never fails
	_, err = fmt.Fprintf(conn, "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nAuthorization: Bearer %s\r\n\r\n",
		address, base64.StdEncoding.EncodeToString(key[:]), account.Token)
	return conn, err
}

// neverRead connects, is owed much, and reads nothing of it for half a minute.
func (c *Crowd) neverRead(ctx context.Context, address string, account fleet.Account) {
	conn, err := handshake(ctx, address, account)
	if err != nil {
		return
	}
	defer conn.Close()
	pause(ctx, 30*time.Second)
}

// neverClose reads what comes and answers nothing, no ping and no close, for as long as the server lets it.
func (c *Crowd) neverClose(ctx context.Context, address string, account fleet.Account) {
	conn, err := handshake(ctx, address, account)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })()
	_, _ = io.Copy(io.Discard, conn) // until the server ends the connection
	pause(ctx, 5*time.Second)        // and then still holds on to its end
}

// flood writes frames as fast as they are taken, most of them nonsense, for some seconds.
func (c *Crowd) flood(ctx context.Context, address string, account fleet.Account) {
	dialer := websocket.Dialer{HandshakeTimeout: handshakeLimit}
	ws, response, err := dialer.DialContext(ctx, "ws://"+address+"/ws", http.Header{"Authorization": {"Bearer " + account.Token}})
	if err != nil {
		if response != nil {
			_ = response.Body.Close()
		}
		return
	}
	defer ws.Close()
	c.work.Go(func() { // reads until ws is closed
		for {
			if _, _, err := ws.NextReader(); err != nil {
				return
			}
		}
	})
	nonsense := []string{`{"type":"ping"}`, `{`, `{"type":"typing"}`, `{"type":"chat_message","receiver_id":"nobody","content":"x"}`, `[]`}
	for i := 0; i < 3000 && ctx.Err() == nil; i++ {
		_ = ws.SetWriteDeadline(time.Now().Add(silence))
		if ws.WriteMessage(websocket.TextMessage, []byte(nonsense[i%len(nonsense)])) != nil {
			return
		}
	}
	pause(ctx, 10*time.Second)
}
