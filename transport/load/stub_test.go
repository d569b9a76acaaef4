package load_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"chainmail/transport/load"
)

// stub speaks as much of the server's frames as the generator needs. A token is the user's id.
type stub struct {
	*httptest.Server
	reject func(frame inbound) string // an answer instead of the usual one; may be nil
	silent bool                       // nothing is pushed

	mu      sync.Mutex
	sockets map[string]*socket // by user; guarded by mu
	group   []string           // guarded by mu
	senders map[string]string  // of messages; guarded by mu
	names   map[string]bool    // client_message_ids that were seen; guarded by mu
	count   map[string]int     // frames that came, by type; guarded by mu
	since   []string           // the queries of connections; guarded by mu
	hosts   map[string]string  // where users connected last; guarded by mu
}

type socket struct {
	mu sync.Mutex // one writer at a time
	ws *websocket.Conn
}

func (s *socket) write(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...)) // the peer may have left
}

type inbound struct {
	Type            string
	ReceiverID      string   `json:"receiver_id"`
	ConversationID  string   `json:"conversation_id"`
	ClientMessageID string   `json:"client_message_id"`
	MessageID       string   `json:"message_id"`
	MessageIDs      []string `json:"message_ids"`
	Content         string
}

func startStub(t testing.TB) *stub {
	t.Helper()
	s := &stub{
		sockets: make(map[string]*socket), senders: make(map[string]string),
		names: make(map[string]bool), count: make(map[string]int), hosts: make(map[string]string),
	}
	s.Server = httptest.NewServer(s.mux())
	t.Cleanup(s.Close)
	return s
}

func (s *stub) mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ws", s.connect)
	mux.HandleFunc("POST /api/conversations", s.start)
	return mux
}

// another starts one more server of the same log and returns its URL.
func (s *stub) another(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(s.mux())
	t.Cleanup(server.Close)
	return server.URL
}

// host is the address to which an account connected last.
func (s *stub) host(a load.Account) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hosts[a.Token]
}

func (s *stub) start(w http.ResponseWriter, r *http.Request) {
	var request struct {
		ParticipantIDs []string `json:"participant_ids"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.group = append([]string{bearer(r)}, request.ParticipantIDs...)
	s.mu.Unlock()
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"id":%q}`, uuid.New())
}

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func (s *stub) connect(w http.ResponseWriter, r *http.Request) {
	ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	user, c := bearer(r), &socket{ws: ws}
	s.mu.Lock()
	s.sockets[user] = c
	s.since = append(s.since, r.URL.RawQuery)
	s.hosts[user] = r.Host
	s.mu.Unlock()
	c.write(`{"type":"authenticated","user_id":%q,"log_id":"a-log","position":41}`, user)
	c.write(`{"type":"synced","position":41}`)
	for {
		var f inbound
		if ws.ReadJSON(&f) != nil {
			return
		}
		if s.reject != nil {
			if answer := s.reject(f); answer != "" {
				c.write("%s", answer)
				continue
			}
		}
		s.answer(user, c, f)
	}
}

func (s *stub) answer(user string, c *socket, f inbound) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count[f.Type]++
	switch f.Type {
	case "chat_message":
		id := uuid.NewString()
		s.senders[id] = user
		if s.names[user+f.ClientMessageID] {
			c.write(`{"type":"error","code":"invalid_field","message":"a name was used twice"}`)
			return
		}
		s.names[user+f.ClientMessageID] = true
		c.write(`{"type":"message_sent","message_id":%q,"client_message_id":%q}`, id, f.ClientMessageID)
		to := []string{f.ReceiverID}
		if f.ConversationID != "" {
			to = s.group
		}
		for _, receiver := range to {
			if other := s.sockets[receiver]; other != nil && receiver != user && !s.silent {
				other.write(`{"type":"chat_message","message_id":%q,"content":%q,"content_hash":"00"}`, id, f.Content)
			}
		}
	case "delivered":
		s.status(f.MessageID, "delivered")
	case "read":
		for _, id := range f.MessageIDs {
			s.status(id, "read")
		}
	}
}

// status tells a message's sender. The caller holds mu.
func (s *stub) status(message, status string) {
	s.sockets[s.senders[message]].write(`{"type":"message_status","message_id":%q,"status":%q}`, message, status)
}

// seen returns how many frames of a type came.
func (s *stub) seen(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[kind]
}

// accounts makes accounts for the stub.
func accounts(n int) []load.Account {
	all := make([]load.Account, n)
	for i := range all {
		id := load.AccountID(i)
		all[i] = load.Account{ID: id, Token: id.String()}
	}
	return all
}
