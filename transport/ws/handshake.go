package ws

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/websocket"

	"chainmail/transport/auth"
)

// ServeHTTP upgrades GET /ws. Who may not connect is told by a close frame, since a browser can't
// read an HTTP status; only an origin that isn't allowed, and what is no WebSocket handshake, gets an HTTP error.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.running:
	case <-r.Context().Done():
		return
	}
	if !upgradable(w, r) {
		return
	}
	token, subprotocol, tokenErr := auth.FromRequest(r)
	var header http.Header
	if subprotocol != "" {
		header = http.Header{"Sec-Websocket-Protocol": {subprotocol}}
	}
	h := hijacker{ResponseWriter: w}
	ws, err := s.upgrader.Upgrade(&h, r, header)
	if err != nil {
		return // answered by gorilla, through refuseUpgrade
	}
	h.socket.open = true
	c := s.newConn(ws, h.socket)
	if !s.enter(c) {
		_ = h.socket.Conn.Close() // the server is gone
		return
	}
	if bye := c.admit(token, tokenErr); bye != nil {
		c.out.close(bye.code, bye.reason)
	} else {
		c.arrive()
		c.logger().Debug("a connection was opened")
		c.welcome("")
		c.start(queryMissed(r.URL))
	}
	go c.run() // Server.Run waits for it
}

// upgradable answers what is no WebSocket handshake of the one version there is (RFC 6455 §4.2.2).
func upgradable(w http.ResponseWriter, r *http.Request) bool {
	if websocket.IsWebSocketUpgrade(r) && r.Header.Get("Sec-Websocket-Version") == "13" {
		return true
	}
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "websocket")
	w.Header().Set("Sec-WebSocket-Version", "13")
	http.Error(w, "this address speaks WebSocket, version 13", http.StatusUpgradeRequired)
	return false
}

func refuseUpgrade(w http.ResponseWriter, _ *http.Request, status int, _ error) {
	http.Error(w, http.StatusText(status), status)
}

// allowed decides on origins. A request without one comes from a program, not from a page.
func allowed(origins []string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		origin := r.Header.Get("Origin")
		if origin == "" || slices.Contains(origins, "*") {
			return true
		}
		if len(origins) > 0 {
			return auth.AllowsOrigin(origins, origin)
		}
		u, err := url.Parse(origin)
		return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
	}
}
