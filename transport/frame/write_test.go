package frame_test

import (
	"encoding/json"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/frame"
)

func TestServerFrames(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 3, 4, 5, 6, 7, 120_000, time.UTC)
	const stamp = `"2025-03-04T05:06:07.000120Z"`
	salt := domain.Salt{0: 0xAB, 15: 1}
	for _, tc := range []struct {
		name  string
		frame interface{ AppendJSON([]byte) []byte }
		want  string
	}{
		{
			"authenticated",
			&frame.Authenticated{UserID: id(a), LogID: id(b), Position: 7, ExpiresAt: at.Add(time.Hour), Heartbeat: 30 * time.Second, Timestamp: at},
			`{"type":"authenticated","user_id":"` + a + `","log_id":"` + b + `","position":7,"expires_at":"2025-03-04T06:06:07.000120Z","heartbeat_seconds":30,"timestamp":` + stamp + `}`,
		},
		{"synced", &frame.Synced{Position: 9}, `{"type":"synced","position":9}`},
		{"synced, asked for", &frame.Synced{Position: 9, Ref: `"r"`}, `{"type":"synced","position":9,"ref":"r"}`},
		{
			"message_sent",
			&frame.MessageSent{Ref: "5", MessageID: id(a), ClientMessageID: "c\"1", ConversationID: id(b), Seq: 2, Position: 30, ContentHash: "ff00", Salt: salt, RiskScore: 0.123, Timestamp: at},
			`{"type":"message_sent","message_id":"` + a + `","client_message_id":"c\"1","conversation_id":"` + b + `","seq":2,"position":30,"content_hash":"ff00","salt":"ab000000000000000000000000000001","risk_score":0.12,"timestamp":` + stamp + `,"duplicate":false,"ref":5}`,
		},
		{
			"message_sent again, erased since",
			&frame.MessageSent{MessageID: id(a), ConversationID: id(b), Seq: 2, Position: 30, ContentHash: "ff00", Timestamp: at, Duplicate: true},
			`{"type":"message_sent","message_id":"` + a + `","client_message_id":null,"conversation_id":"` + b + `","seq":2,"position":30,"content_hash":"ff00","salt":null,"risk_score":0,"timestamp":` + stamp + `,"duplicate":true}`,
		},
		{
			"warning",
			&frame.Warning{Message: "Blocked.", MessageID: id(a), ClientMessageID: "c", RiskScore: 1, Reasons: []string{"link", "phrase"}, Position: 4, Ref: `{}`},
			`{"type":"warning","code":"message_blocked","message":"Blocked.","message_id":"` + a + `","client_message_id":"c","risk_score":1,"reasons":["link","phrase"],"position":4,"ref":{}}`,
		},
		{
			"warning without reasons",
			&frame.Warning{Message: "Blocked.", MessageID: id(a)},
			`{"type":"warning","code":"message_blocked","message":"Blocked.","message_id":"` + a + `","client_message_id":null,"risk_score":0,"reasons":[],"position":0}`,
		},
		{"subscribed", &frame.Subscribed{Channel: "task:X"}, `{"type":"subscribed","channel":"task:X"}`},
		{"unsubscribed", &frame.Subscribed{Channel: "task:X", Off: true, Ref: "1"}, `{"type":"unsubscribed","channel":"task:X","ref":1}`},
		{"pong", &frame.Pong{Timestamp: at, Ref: "null"}, `{"type":"pong","timestamp":` + stamp + `,"ref":null}`},
		{"presence", &frame.Presence{UserID: id(a), Online: true}, `{"type":"presence","user_id":"` + a + `","online":true,"last_seen":null}`},
		{"presence, gone", &frame.Presence{UserID: id(a), LastSeen: at}, `{"type":"presence","user_id":"` + a + `","online":false,"last_seen":` + stamp + `}`},
		{"typing_indicator", &frame.TypingIndicator{ConversationID: id(a), SenderID: id(b), IsTyping: true}, `{"type":"typing_indicator","conversation_id":"` + a + `","sender_id":"` + b + `","is_typing":true}`},
		{"typing_indicator before a conversation", &frame.TypingIndicator{SenderID: id(b)}, `{"type":"typing_indicator","conversation_id":null,"sender_id":"` + b + `","is_typing":false}`},
		{"heartbeat", &frame.Heartbeat{Timestamp: at, Position: 12}, `{"type":"heartbeat","timestamp":` + stamp + `,"position":12}`},
		{"token_expiring", &frame.TokenExpiring{ExpiresAt: at}, `{"type":"token_expiring","expires_at":` + stamp + `}`},
		{"error", &frame.Error{Code: frame.Internal, Message: "Try again."}, `{"type":"error","code":"internal","message":"Try again."}`},
		{
			"error with everything",
			&frame.Error{Code: frame.UnknownField, Message: "<no>", Field: "text", Hint: "content", Ref: `"r"`, ClientMessageID: "c"},
			`{"type":"error","code":"unknown_field","message":"<no>","field":"text","hint":"content","ref":"r","client_message_id":"c"}`,
		},
		{"error, limited", &frame.Error{Code: frame.RateLimited, Message: "m", RetryAfter: 1500*time.Millisecond + 1}, `{"type":"error","code":"rate_limited","message":"m","retry_after":1.501}`},
		{"error, limited for no known time", &frame.Error{Code: frame.RateLimited, Message: "m"}, `{"type":"error","code":"rate_limited","message":"m","retry_after":0}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := string(tc.frame.AppendJSON(nil))
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if !json.Valid([]byte(got)) {
				t.Errorf("no JSON: %s", got)
			}
			if after := string(tc.frame.AppendJSON([]byte("x"))); after != "x"+tc.want {
				t.Errorf("after a prefix: got %s", after)
			}
		})
	}
}

func TestErrorMarshalsAsItsFrame(t *testing.T) {
	t.Parallel()
	e := &frame.Error{Code: frame.TooLarge, Message: "m", Field: "content"}
	got, err := json.Marshal(e)
	if err != nil || string(got) != string(e.AppendJSON(nil)) {
		t.Errorf("got %s, %v", got, err)
	}
	if got := e.Error(); got != "too_large content: m" {
		t.Errorf("got %q", got)
	}
}
