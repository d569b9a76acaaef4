package asyncapi_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
	"chainmail/transport/asyncapi"
	"chainmail/transport/frame"
)

// sample has a field of each kind that tags tell apart.
type sample struct {
	_        struct{}     `const:"code=fixed"`
	ID       domain.ID    `json:"id" doc:"whose"`
	Other    *domain.ID   `json:"other"`
	Lacking  *domain.ID   `json:"lacking,omitempty"`
	Salt     *domain.Salt `json:"salt" pattern:"^[0-9a-f]{32}$"`
	Title    string       `json:"title" nullable:"true"`
	Status   string       `json:"status" enum:"on,off"`
	Count    int          `json:"count" minimum:"0" maximum:"9"`
	At       time.Time    `json:"at"`
	Since    time.Time    `json:"since" nullable:"true"`
	Seconds  float64      `json:"seconds"`
	Is       bool         `json:"is"`
	IDs      []domain.ID  `json:"ids"`
	Names    []string     `json:"names"`
	Hidden   bool         `json:"-"`
	Anything string       `json:"ref,omitempty" type:"any"`
}

func (s *sample) AppendJSON(dst []byte) []byte { return append(dst, `{"type":"sample"}`...) }

// document is what these tests look at.
type document struct {
	Channels struct {
		Socket struct {
			Messages map[string]struct {
				Name    string
				Payload map[string]any
			}
		}
	}
	Operations map[string]struct {
		Action   string
		Messages []reference
		Reply    struct{ Messages []reference }
	}
}

type reference struct {
	To string `json:"$ref"`
}

func describe(t *testing.T, pushed ...wire.Description) (d document, raw string) {
	t.Helper()
	described := asyncapi.Describe(pushed)
	if err := json.Unmarshal(described, &d); err != nil {
		t.Fatal(err)
	}
	return d, string(described)
}

func TestSchemaOfAServersFrame(t *testing.T) {
	t.Parallel()
	d, raw := describe(t, wire.Description{Name: "sample", Key: "special_sample", Examples: []wire.Frame{&sample{}}})
	const want = `{
		"type": "object",
		"properties": {
			"type": {"type": "string", "const": "sample"},
			"code": {"type": "string", "const": "fixed"},
			"id": {"type": "string", "format": "uuid", "description": "whose"},
			"other": {"type": ["string", "null"], "format": "uuid"},
			"lacking": {"type": "string", "format": "uuid"},
			"salt": {"type": ["string", "null"], "pattern": "^[0-9a-f]{32}$"},
			"title": {"type": ["string", "null"]},
			"status": {"type": "string", "enum": ["on", "off"]},
			"count": {"type": "integer", "minimum": 0, "maximum": 9},
			"at": {"type": "string", "format": "date-time"},
			"since": {"type": ["string", "null"], "format": "date-time"},
			"seconds": {"type": "number"},
			"is": {"type": "boolean"},
			"ids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
			"names": {"type": "array", "items": {"type": "string"}},
			"ref": {}
		},
		"required": ["type", "code", "id", "other", "salt", "title", "status", "count", "at", "since", "seconds", "is", "ids", "names"]
	}`
	m := d.Channels.Socket.Messages["server_special_sample"]
	if m.Name != "sample" || !reflect.DeepEqual(m.Payload, parse(t, want)) {
		t.Errorf("got %s %v, want %v", m.Name, m.Payload, parse(t, want))
	}
	if !strings.Contains(raw, `"properties":{"type":{"type":"string","const":"sample"},"code":`) {
		t.Error("the members are not in their order")
	}
}

func TestSchemaOfAClientsFrame(t *testing.T) {
	t.Parallel()
	d, _ := describe(t)
	got := d.Channels.Socket.Messages["client_typing"].Payload
	either := parse(t, `{"oneOf": [
		{"required": ["conversation_id"], "properties": {"conversation_id": {"type": "string"}, "receiver_id": {"type": "null"}}},
		{"required": ["receiver_id"], "properties": {"conversation_id": {"type": "null"}, "receiver_id": {"type": "string"}}}
	]}`)["oneOf"]
	if !reflect.DeepEqual(got["oneOf"], either) {
		t.Errorf("one of two: got %v, want %v", got["oneOf"], either)
	}
	if want := []any{"type"}; !reflect.DeepEqual(got["required"], want) {
		t.Errorf("required: got %v, want %v", got["required"], want)
	}
	isTyping := got["properties"].(map[string]any)["is_typing"].(map[string]any)
	if want := []any{"boolean", "null"}; !reflect.DeepEqual(isTyping["type"], want) {
		t.Errorf("is_typing: got %v, want %v", isTyping["type"], want)
	}
	ids := d.Channels.Socket.Messages["client_read"].Payload["properties"].(map[string]any)["message_ids"]
	if want := parse(t, `{"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 1, "maxItems": 500}`); !reflect.DeepEqual(ids, any(want)) {
		t.Errorf("message_ids: got %v, want %v", ids, want)
	}
}

// Every frame is in one operation at least, and what answers a request is that request's reply.
func TestOperations(t *testing.T) {
	t.Parallel()
	d, _ := describe(t, wire.Description{Name: "sample", Examples: []wire.Frame{&sample{}}})
	in := make(map[string]bool)
	for key, op := range d.Operations {
		if want := map[bool]string{true: "send", false: "receive"}[key == "send_unasked"]; op.Action != want {
			t.Errorf("%s: got action %s, want %s", key, op.Action, want)
		}
		for _, m := range append(op.Messages, op.Reply.Messages...) {
			in[strings.TrimPrefix(m.To, "#/channels/socket/messages/")] = true
		}
	}
	for key := range d.Channels.Socket.Messages {
		if !in[key] {
			t.Errorf("no operation has %s", key)
		}
	}
	got := d.Operations["receive_client_chat_message"].Reply.Messages
	want := []reference{
		{"#/channels/socket/messages/server_message_sent"}, {"#/channels/socket/messages/server_warning"}, {"#/channels/socket/messages/server_error"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the reply to chat_message: got %v, want %v", got, want)
	}
	if got, want := len(d.Operations), 1+len(frame.ClientFrames()); got != want {
		t.Errorf("got %d operations, want %d", got, want)
	}
}

func parse(t *testing.T, text string) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
