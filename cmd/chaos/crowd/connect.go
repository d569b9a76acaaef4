package crowd

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/cmd/chaos/history"
	"chainmail/domain"
)

const (
	// handshakeLimit bounds how long a connection may take to be made: a frozen server accepts and says nothing.
	handshakeLimit = 4 * time.Second
	// silence is how long a client waits for an answer to its ping before it goes elsewhere.
	silence = 5 * time.Second
	// beat is between two pings.
	beat = 2 * time.Second
)

// connect makes one connection and stays until it ends.
func (d *device) connect(ctx context.Context) {
	address := d.crowd.config.Where(d.random)
	if address == "" {
		return
	}
	d.mu.Lock()
	if d.crowd.config.Fickle && !d.crowd.quiet.Load() && d.number%7 == 3 && d.random.IntN(4) == 0 {
		d.since = -1 // a client that has forgotten where it was
	}
	since, leaving, era := d.since, d.leaveAt >= 0, d.era
	d.mu.Unlock()
	target := "ws://" + address + "/ws"
	if since >= 0 {
		target += "?" + url.Values{"since": {strconv.FormatInt(int64(since), 10)}}.Encode()
	}
	dialer := websocket.Dialer{HandshakeTimeout: handshakeLimit, ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10}
	ws, response, err := dialer.DialContext(ctx, target, http.Header{"Authorization": {"Bearer " + d.account.Token}})
	if err != nil {
		if response != nil {
			_ = response.Body.Close()
		}
		return
	}
	d.mu.Lock()
	if d.era != era { // since is lost
		d.mu.Unlock()
		_ = ws.Close()
		return
	}
	d.connEra = era
	d.conn = d.journal.Open(address, since, d.crowd.now())
	d.synced, d.heard, d.leaving = false, time.Now(), leaving
	d.online, d.typists = make(map[domain.ID]bool), make(map[typist]bool)
	d.mu.Unlock()
	var reader sync.WaitGroup
	ended := make(chan error, 1)
	reader.Go(func() {
		err := d.read(ws)
		ended <- err
		d.rouse()
	})
	own := d.write(ctx, ws, ended)
	_ = ws.Close()
	reader.Wait()
	d.disconnected(own, <-ended)
}

// disconnected notes how the connection ended; own says that the client ended it.
func (d *device) disconnected(own bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conn.Closed = d.crowd.now()
	if !own {
		d.conn.CloseCode, d.conn.Reason = closedBy(err)
		d.crowd.broken.Add(1)
	}
	d.conn = nil
}

// read takes frames until the connection ends.
func (d *device) read(ws *websocket.Conn) error {
	for {
		_, raw, err := ws.ReadMessage()
		if err != nil {
			return err
		}
		e := history.Parse(raw, d.crowd.now())
		d.mu.Lock()
		d.take(e)
		d.mu.Unlock()
	}
}

// write sends what there is to send until the connection ends, and reports whether the client ended it.
func (d *device) write(ctx context.Context, ws *websocket.Conn, ended chan error) (own bool) {
	next, ping := time.Now().Add(d.breath()), time.Now().Add(beat)
	for {
		now := time.Now()
		fresh := now.After(next)
		if fresh {
			next = now.Add(d.breath())
		}
		frames, wait, leave := d.due(now, fresh)
		if now.After(ping) {
			frames, ping = append(frames, `{"type":"ping"}`), now.Add(beat)
		}
		for _, f := range frames {
			_ = ws.SetWriteDeadline(now.Add(silence))
			if ws.WriteMessage(websocket.TextMessage, []byte(f)) != nil {
				return false // the reader says why
			}
		}
		if leave {
			goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			_ = ws.WriteControl(websocket.CloseMessage, goodbye, now.Add(time.Second))
			return true
		}
		timer := time.NewTimer(min(time.Until(next), time.Until(ping), wait))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-d.wake:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return true
		}
		select {
		case err := <-ended:
			ended <- err // for connect
			return false
		default:
		}
	}
}

// breath is the pause before the device's next message.
func (d *device) breath() time.Duration {
	return time.Duration(d.random.ExpFloat64() * float64(d.crowd.config.Pause))
}
