package frame_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"chainmail/domain"
	"chainmail/transport/frame"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"type":"chat_message","conversation_id":A,"content":"hi \ud83d\ude42\n","client_message_id":"c","ref":[1.5e-3]}`,
		`{"type":"chat_message","receiver_id":B,"content":"<b>\"é\u2028"}`,
		`{"conversation_id":A,"content":"hi"}`,
		`{"type":"delivered","message_id":A}`,
		`{"type":"read","message_ids":[A ,B]}`,
		`{"type":"read_receipt","message_id":A}`,
		`{"type":"typing","conversation_id":A,"is_typing":false}`,
		`{"type":"ping"}`,
		`{"type":"subscribe","channel":"task:0190aaaa-bbbb-7ccc-8ddd-00000000000a"}`,
		`{"type":"sync","since":17,"log_id":A}`,
		`{"type":"authenticate","token":"a.b.c"}`,
		`{"type":"chatMessage","x":[{},[],-0.1E+2,true,null]}`,
		`{"type":"ping","x":"\u0000\ud800"}`,
		`{"t\u0079pe":"ping","ref":{"a":"\\"}} `,
		"\xff",
	} {
		f.Add([]byte(expand(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := frame.Parse(data)
		switch {
		case !utf8.Valid(data):
			if err != frame.ErrNotUTF8 {
				t.Fatalf("no UTF-8: got %v", err)
			}
		case !json.Valid(data):
			if err == nil || err.Code != frame.InvalidJSON {
				t.Fatalf("no JSON: got %v", err)
			}
		case err != nil && err.Code == frame.InvalidJSON:
			object := bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{"))
			if object && !strings.Contains(err.Message, "nested") {
				t.Fatalf("an object: got %v", err)
			}
		}
		if err != nil {
			if frame := err.AppendJSON(nil); !json.Valid(frame) || !utf8.Valid(frame) || len(frame) > 2000 {
				t.Fatalf("bad error frame %s", frame)
			}
			return
		}
		checkAccepted(t, data, got)
	})
}

// checkAccepted holds a frame against what encoding/json reads.
func checkAccepted(t *testing.T, data []byte, got frame.Frame) {
	t.Helper()
	var want map[string]json.RawMessage
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	for field, value := range map[string]string{
		"content": got.Content, "client_message_id": got.ClientMessageID, "token": got.Token, "channel": got.Channel.Name,
	} {
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			t.Errorf("%s: %q was accepted", field, value)
		}
		var sent string
		if value == "" {
			continue
		}
		if err := json.Unmarshal(want[field], &sent); err != nil || sent != value {
			t.Errorf("%s: got %q, sent %s", field, value, want[field])
		}
	}
	if got.Ref != "" && got.Ref != string(want["ref"]) {
		t.Errorf("ref: got %s, sent %s", got.Ref, want["ref"])
	}
	switch got.Type {
	case frame.ChatMessage:
		if domain.CheckContent(got.Content) != nil || got.ConversationID.IsZero() == got.ReceiverID.IsZero() {
			t.Errorf("accepted %+v", got)
		}
	case frame.Delivered, frame.Read:
		if n := len(got.MessageIDs); n < 1 || n > frame.MaxMessageIDs {
			t.Errorf("accepted %d ids", n)
		}
	}
}
