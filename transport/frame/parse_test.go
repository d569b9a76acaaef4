package frame_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/transport/frame"
)

const (
	a = "0190aaaa-bbbb-7ccc-8ddd-00000000000a"
	b = "0190aaaa-bbbb-7ccc-8ddd-00000000000b"
)

func id(text string) domain.ID {
	parsed, err := domain.ParseID(text)
	if err != nil {
		panic(err)
	}
	return parsed
}

// expand writes A and B in a test's frame for two ids: "conversation_id":A.
func expand(text string) string {
	return strings.NewReplacer(":A", `:"`+a+`"`, ":B", `:"`+b+`"`, "[A", `["`+a+`"`, ",B]", `,"`+b+`"]`).Replace(text)
}

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		want     frame.Frame
	}{
		{
			"chat_message to a conversation", `{"type":"chat_message","conversation_id":A,"content":"hi"}`,
			frame.Frame{Type: frame.ChatMessage, ConversationID: id(a), Content: "hi"},
		},
		{
			"chat_message to a user", `{"type":"chat_message","receiver_id":B,"content":"hi","client_message_id":"c 1"}`,
			frame.Frame{Type: frame.ChatMessage, ReceiverID: id(b), Content: "hi", ClientMessageID: "c 1"},
		},
		{
			"no type", `{"conversation_id":A,"content":"hi","sender_id":"x"}`,
			frame.Frame{Type: frame.ChatMessage, ConversationID: id(a), Content: "hi"},
		},
		{
			"upper-case id", `{"type":"chat_message","conversation_id":"` + strings.ToUpper(a) + `","content":"hi"}`,
			frame.Frame{Type: frame.ChatMessage, ConversationID: id(a), Content: "hi"},
		},
		{
			"null for absent", `{"type":"chat_message","conversation_id":A,"receiver_id":null,"content":"hi","client_message_id":null,"ref":null,"recipientId":null}`,
			frame.Frame{Type: frame.ChatMessage, ConversationID: id(a), Content: "hi"},
		},
		{
			"escaped names and values", `{"t\u0079pe":"chat\u005fmessage","conversation_id":"\u0030` + a[1:] + `","content":"hi"}`,
			frame.Frame{Type: frame.ChatMessage, ConversationID: id(a), Content: "hi"},
		},
		{
			"content exactly as sent", `{"type":"chat_message","conversation_id":A,"content":"  <b>\"q\"</b>\r\n\té🙂\u0041\/\u2028  "}`,
			frame.Frame{Type: frame.ChatMessage, ConversationID: id(a), Content: "  <b>\"q\"</b>\r\n\té🙂A/\u2028  "},
		},
		{
			"unknown fields", `{"type":"ping","x":1,"message":"m","user_id":[{"deep":[1,2,{}]}],"":null}`,
			frame.Frame{Type: frame.Ping},
		},
		{
			"delivered", `{"type":"delivered","message_id":A}`,
			frame.Frame{Type: frame.Delivered, MessageIDs: []domain.ID{id(a)}, MessagesField: "message_id"},
		},
		{
			"message_received", `{"type":"message_received","message_id":A,"conversation_id":B}`,
			frame.Frame{Type: frame.Delivered, MessageIDs: []domain.ID{id(a)}, MessagesField: "message_id"},
		},
		{
			"read", `{"type":"read","message_ids":[A,B]}`,
			frame.Frame{Type: frame.Read, MessageIDs: []domain.ID{id(a), id(b)}, MessagesField: "message_ids"},
		},
		{
			"read_receipt", `{"type":"read_receipt","message_id":A}`,
			frame.Frame{Type: frame.Read, MessageIDs: []domain.ID{id(a)}, MessagesField: "message_id"},
		},
		{
			"typing", `{"type":"typing","conversation_id":A}`,
			frame.Frame{Type: frame.Typing, ConversationID: id(a), IsTyping: true},
		},
		{
			"typing, null", `{"type":"typing","receiver_id":A,"is_typing":null}`,
			frame.Frame{Type: frame.Typing, ReceiverID: id(a), IsTyping: true},
		},
		{
			"typing no longer", `{"type":"typing","receiver_id":A,"is_typing":false}`,
			frame.Frame{Type: frame.Typing, ReceiverID: id(a)},
		},
		{"ping", ` {"type" : "ping"} ` + "\r\n", frame.Frame{Type: frame.Ping}},
		{"heartbeat", `{"type":"heartbeat"}`, frame.Frame{Type: frame.Ping}},
		{
			"subscribe", `{"type":"subscribe","channel":"task:` + a + `"}`,
			frame.Frame{Type: frame.Subscribe, Channel: frame.Channel{Kind: frame.TaskChannel, ID: id(a), Name: "task:" + a}},
		},
		{
			"unsubscribe", `{"type":"unsubscribe","channel":"project:` + strings.ToUpper(b) + `"}`,
			frame.Frame{Type: frame.Unsubscribe, Channel: frame.Channel{Kind: frame.ProjectChannel, ID: id(b), Name: "project:" + strings.ToUpper(b)}},
		},
		{"sync", `{"type":"sync","since":0}`, frame.Frame{Type: frame.Sync}},
		{
			"sync with the log's id", `{"type":"sync","since":9223372036854775807,"log_id":A}`,
			frame.Frame{Type: frame.Sync, Since: 9223372036854775807, LogID: id(a)},
		},
		{"authenticate", `{"type":"authenticate","token":"a.b.c"}`, frame.Frame{Type: frame.Authenticate, Token: "a.b.c"}},
		{"ref a string", `{"type":"ping","ref":"r\n1"}`, frame.Frame{Type: frame.Ping, Ref: `"r\n1"`}},
		{"ref a number", `{"type":"ping","ref":-1.50e3}`, frame.Frame{Type: frame.Ping, Ref: `-1.50e3`}},
		{"ref an object", `{"type":"ping","ref":{"a": [1]}}`, frame.Frame{Type: frame.Ping, Ref: `{"a": [1]}`}},
		{"ref false", `{"type":"ping","ref":false}`, frame.Frame{Type: frame.Ping, Ref: `false`}},
		{"a slip beside what it means", `{"type":"chat_message","conversation_id":A,"conversationId":A,"content":"hi","message":"hi","clientMessageId":"x","client_message_id":"y"}`,
			frame.Frame{Type: frame.ChatMessage, ConversationID: id(a), Content: "hi", ClientMessageID: "y"}},
		{"an unsure slip where nothing lacks", `{"type":"chat_message","conversation_id":A,"content":"hi","user_id":B,"channel":"web"}`,
			frame.Frame{Type: frame.ChatMessage, ConversationID: id(a), Content: "hi"}},
		{"an unknown field twice", `{"type":"ping","x":1,"x":2,"content":1,"content":2}`, frame.Frame{Type: frame.Ping}},
		{"nested 64 deep", `{"type":"ping","x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`, frame.Frame{Type: frame.Ping}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := frame.Parse([]byte(expand(tc.in)))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const chat = `{"type":"chat_message","conversation_id":A,`
	for _, tc := range []struct {
		name, in string
		code     frame.Code
		field    string
		hint     string
	}{
		{"nothing", ``, frame.InvalidJSON, "", ""},
		{"white space", `  `, frame.InvalidJSON, "", ""},
		{"no JSON", `hello`, frame.InvalidJSON, "", ""},
		{"a list", `[{"type":"ping"}]`, frame.InvalidJSON, "", ""},
		{"a string", `"ping"`, frame.InvalidJSON, "", ""},
		{"null", `null`, frame.InvalidJSON, "", ""},
		{"cut short", `{"type":"ping"`, frame.InvalidJSON, "", ""},
		{"two objects", `{"type":"ping"}{"type":"ping"}`, frame.InvalidJSON, "", ""},
		{"a NUL byte at the end", "{\"type\":\"ping\"}\x00", frame.InvalidJSON, "", ""},
		{"a byte order mark", "\uFEFF" + `{"type":"ping"}`, frame.InvalidJSON, "", ""},
		{"trailing comma", `{"type":"ping",}`, frame.InvalidJSON, "", ""},
		{"single quotes", `{'type':'ping'}`, frame.InvalidJSON, "", ""},
		{"a raw line feed in a string", "{\"type\":\"ping\",\"x\":\"\n\"}", frame.InvalidJSON, "", ""},
		{"a raw NUL in a string", "{\"type\":\"ping\",\"x\":\"\x00\"}", frame.InvalidJSON, "", ""},
		{"a bad escape", `{"type":"ping","x":"\x41"}`, frame.InvalidJSON, "", ""},
		{"a bad \\u", `{"type":"ping","x":"\ud83d\u12"}`, frame.InvalidJSON, "", ""},
		{"a leading zero", `{"type":"ping","x":01}`, frame.InvalidJSON, "", ""},
		{"NaN", `{"type":"ping","x":NaN}`, frame.InvalidJSON, "", ""},
		{"nested 65 deep", `{"type":"ping","x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, frame.InvalidJSON, "", ""},

		{"no type", `{}`, frame.MissingField, "type", ""},
		{"no type, content alone", `{"content":"hi"}`, frame.MissingField, "type", ""},
		{"no type, to a user", `{"receiver_id":A,"content":"hi"}`, frame.MissingField, "type", ""},
		{"no type, null content", `{"conversation_id":A,"content":null}`, frame.MissingField, "type", ""},
		{"no type, a room", `{"room":A,"content":"hi"}`, frame.UnknownField, "room", "conversation_id"},
		{"no type, a slip alone", `{"text":"hi"}`, frame.MissingField, "type", ""},
		{"no type, two slips", `{"roomId":A,"text":"hi"}`, frame.MissingField, "type", ""},
		{"event for type", `{"event":"ping"}`, frame.MissingField, "type", ""},
		{"Type", `{"Type":"ping"}`, frame.UnknownField, "Type", "type"},
		{"no type, text", `{"conversation_id":A,"text":"hi"}`, frame.UnknownField, "text", "content"},
		{"no type, conversationId", `{"conversationId":A,"content":"hi"}`, frame.UnknownField, "conversationId", "conversation_id"},
		{"type null", `{"type":null}`, frame.InvalidField, "type", ""},
		{"type a number", `{"type":1}`, frame.InvalidField, "type", ""},
		{"type an object", `{"type":{"type":"ping"}}`, frame.InvalidField, "type", ""},
		{"type null beside a message", `{"type":null,"conversation_id":A,"content":"hi"}`, frame.InvalidField, "type", ""},

		{"content absent", chat + `"x":1}`, frame.MissingField, "content", ""},
		{"content null", chat + `"content":null}`, frame.MissingField, "content", ""},
		{"content a number", chat + `"content":5}`, frame.InvalidField, "content", ""},
		{"content an object", chat + `"content":{"text":"hi"}}`, frame.InvalidField, "content", ""},
		{"content empty", chat + `"content":""}`, frame.InvalidField, "content", ""},
		{"content white space", chat + `"content":" \t\r\n\u00a0\u3000\u2003"}`, frame.InvalidField, "content", ""},
		{"content with BEL", chat + `"content":"a\u0007"}`, frame.InvalidField, "content", ""},
		{"content with backspace", chat + `"content":"a\b"}`, frame.InvalidField, "content", ""},
		{"content with DEL", chat + `"content":"a\u007f"}`, frame.InvalidField, "content", ""},
		{"content with a C1 control", chat + `"content":"a\u0080"}`, frame.InvalidField, "content", ""},
		{"content with NUL", chat + `"content":"a\u0000"}`, frame.InvalidField, "content", ""},
		{"content with a high surrogate", chat + `"content":"a\ud83d"}`, frame.InvalidField, "content", ""},
		{"content with a low surrogate", chat + `"content":"a\ude42"}`, frame.InvalidField, "content", ""},
		{"content with a pair the wrong way round", chat + `"content":"\ude42\ud83d"}`, frame.InvalidField, "content", ""},
		{"content with two high ones before a low one", chat + `"content":"\ud83d\ud83d\ude42"}`, frame.InvalidField, "content", ""},
		{"content too large", chat + `"content":"` + strings.Repeat("x", 10_241) + `"}`, frame.TooLarge, "content", ""},
		{"content too large in bytes", chat + `"content":"` + strings.Repeat("é", 5_121) + `"}`, frame.TooLarge, "content", ""},
		{"client_message_id empty", chat + `"content":"hi","client_message_id":""}`, frame.InvalidField, "client_message_id", ""},
		{"client_message_id of 65 bytes", chat + `"content":"hi","client_message_id":"` + strings.Repeat("x", 65) + `"}`, frame.InvalidField, "client_message_id", ""},
		{"client_message_id a number", chat + `"content":"hi","client_message_id":7}`, frame.InvalidField, "client_message_id", ""},
		{"client_message_id with NUL", chat + `"content":"hi","client_message_id":"\u0000"}`, frame.InvalidField, "client_message_id", ""},
		{"to nobody", `{"type":"chat_message","content":"hi"}`, frame.MissingField, "conversation_id", "conversation_id or receiver_id"},
		{"to both", chat + `"receiver_id":B,"content":"hi"}`, frame.InvalidField, "receiver_id", ""},
		{"malformed conversation_id", `{"type":"chat_message","conversation_id":"x","content":"hi"}`, frame.InvalidField, "conversation_id", ""},
		{"conversation_id without hyphens", `{"type":"chat_message","conversation_id":"0190aaaabbbb7ccc8ddd00000000000a","content":"hi"}`, frame.InvalidField, "conversation_id", ""},
		{"conversation_id in braces", `{"type":"chat_message","conversation_id":"{` + a + `}","content":"hi"}`, frame.InvalidField, "conversation_id", ""},
		{"conversation_id a number", `{"type":"chat_message","conversation_id":1,"content":"hi"}`, frame.InvalidField, "conversation_id", ""},
		{"malformed receiver_id", `{"type":"chat_message","receiver_id":"bob","content":"hi"}`, frame.InvalidField, "receiver_id", ""},
		{"content twice", chat + `"content":"a","content":"b"}`, frame.InvalidField, "content", ""},
		{"type twice", `{"type":"ping","type":"ping"}`, frame.InvalidField, "type", ""},

		{"delivered without message_id", `{"type":"delivered"}`, frame.MissingField, "message_id", ""},
		{"delivered, malformed", `{"type":"delivered","message_id":"x"}`, frame.InvalidField, "message_id", ""},
		{"delivered, a list", `{"type":"delivered","message_id":[A]}`, frame.InvalidField, "message_id", ""},
		{"read without message_ids", `{"type":"read"}`, frame.MissingField, "message_ids", ""},
		{"read, one id for a list", `{"type":"read","message_ids":A}`, frame.InvalidField, "message_ids", ""},
		{"read nothing", `{"type":"read","message_ids":[ ]}`, frame.InvalidField, "message_ids", ""},
		{"read, malformed", `{"type":"read","message_ids":[A,"x"]}`, frame.InvalidField, "message_ids", ""},
		{"read, a number", `{"type":"read","message_ids":[5]}`, frame.InvalidField, "message_ids", ""},
		{"read, null", `{"type":"read","message_ids":[null]}`, frame.InvalidField, "message_ids", ""},
		{"read 501", `{"type":"read","message_ids":[` + strings.Repeat(`"`+a+`",`, 500) + `"` + a + `"]}`, frame.TooLarge, "message_ids", ""},
		{"read_receipt without message_id", `{"type":"read_receipt"}`, frame.MissingField, "message_id", ""},
		{"typing to nobody", `{"type":"typing"}`, frame.MissingField, "conversation_id", "conversation_id or receiver_id"},
		{"typing to both", `{"type":"typing","conversation_id":A,"receiver_id":B}`, frame.InvalidField, "receiver_id", ""},
		{"is_typing a string", `{"type":"typing","conversation_id":A,"is_typing":"false"}`, frame.InvalidField, "is_typing", ""},
		{"is_typing a number", `{"type":"typing","conversation_id":A,"is_typing":0}`, frame.InvalidField, "is_typing", ""},
		{"subscribe without channel", `{"type":"subscribe"}`, frame.MissingField, "channel", "task:ID or project:ID"},
		{"subscribe, empty", `{"type":"subscribe","channel":""}`, frame.InvalidField, "channel", "task:ID or project:ID"},
		{"subscribe, a number", `{"type":"subscribe","channel":1}`, frame.InvalidField, "channel", ""},
		{"subscribe, malformed id", `{"type":"subscribe","channel":"task:x"}`, frame.InvalidField, "channel", "task:ID or project:ID"},
		{"subscribe, no id", `{"type":"subscribe","channel":"project"}`, frame.InvalidField, "channel", "task:ID or project:ID"},
		{"subscribe, another's channel", `{"type":"subscribe","channel":"user:` + a + `"}`, frame.Forbidden, "channel", "task:ID or project:ID"},
		{"subscribe, no such channel", `{"type":"unsubscribe","channel":"broadcast"}`, frame.Forbidden, "channel", "task:ID or project:ID"},
		{"sync without since", `{"type":"sync"}`, frame.MissingField, "since", "0 for everything"},
		{"since below zero", `{"type":"sync","since":-1}`, frame.InvalidField, "since", ""},
		{"since minus zero", `{"type":"sync","since":-0}`, frame.InvalidField, "since", ""},
		{"since a fraction", `{"type":"sync","since":1.0}`, frame.InvalidField, "since", ""},
		{"since with an exponent", `{"type":"sync","since":1e3}`, frame.InvalidField, "since", ""},
		{"since a string", `{"type":"sync","since":"5"}`, frame.InvalidField, "since", ""},
		{"since beyond 63 bits", `{"type":"sync","since":9223372036854775808}`, frame.InvalidField, "since", ""},
		{"sync, malformed log_id", `{"type":"sync","since":1,"log_id":"x"}`, frame.InvalidField, "log_id", ""},
		{"authenticate without token", `{"type":"authenticate"}`, frame.MissingField, "token", ""},
		{"authenticate, empty", `{"type":"authenticate","token":""}`, frame.InvalidField, "token", ""},
		{"authenticate, a number", `{"type":"authenticate","token":1}`, frame.InvalidField, "token", ""},

		{"ref too long", `{"type":"ping","ref":"` + strings.Repeat("x", 255) + `"}`, frame.InvalidField, "ref", ""},
		{"ref with NUL", `{"type":"ping","ref":"\u0000"}`, frame.InvalidField, "ref", ""},
		{"NUL in an unknown field", `{"type":"ping","x":"\u0000"}`, frame.InvalidField, "x", ""},
		{"NUL deep in an unknown field", `{"type":"ping","x":[{"y":["\u0000"]}]}`, frame.InvalidField, "x", ""},
		{"a lone surrogate in a deep name", `{"type":"ping","x":[{"\udc00":1}]}`, frame.InvalidField, "x", ""},
		{"NUL in a name", `{"type":"ping","x\u0000":1}`, frame.InvalidField, "x\uFFFD", ""},
		{"a lone surrogate in a name", `{"type":"ping","x\ud800":1}`, frame.InvalidField, "x\uFFFD", ""},
		{"NUL in type", `{"type":"ping\u0000"}`, frame.InvalidField, "type", ""},
		{"the first of two bad fields", `{"b":"\u0000","a":"\ud800","type":"ping"}`, frame.InvalidField, "b", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := frame.Parse([]byte(expand(tc.in)))
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Code != tc.code || err.Field != tc.field || (tc.hint != "" && err.Hint != tc.hint) || err.Message == "" {
				t.Errorf("got %s field %q hint %q (%s), want %s field %q hint %q", err.Code, err.Field, err.Hint, err.Message, tc.code, tc.field, tc.hint)
			}
		})
	}
}

func TestParseLimitsAreInclusive(t *testing.T) {
	t.Parallel()
	const chat = `{"type":"chat_message","conversation_id":A,`
	for name, in := range map[string]string{
		"10,240 bytes of content":          chat + `"content":"` + strings.Repeat("x", 10_240) + `"}`,
		"10,240 bytes in 5,120 characters": chat + `"content":"` + strings.Repeat("é", 5_120) + `"}`,
		"10,240 bytes of escapes":          chat + `"content":"` + strings.Repeat(`\n`, 10_239) + `x"}`,
		"client_message_id of 64 bytes":    chat + `"content":"hi","client_message_id":"` + strings.Repeat("é", 32) + `"}`,
		"500 ids":                          `{"type":"read","message_ids":[` + strings.Repeat(`"`+a+`",`, 499) + `"` + a + `"]}`,
		"ref of 256 bytes":                 `{"type":"ping","ref":"` + strings.Repeat("x", 254) + `"}`,
	} {
		if _, err := frame.Parse([]byte(expand(in))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseNotUTF8(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"\xff", "{\"type\":\"ping\",\"x\":\"\xc3\"}", "{\"type\":\"ping\",\"x\":\"\xed\xa0\x80\"}", "{\"type\":\"ping\",\"x\":\"\xc0\x80\"}", "no JSON \xff"} {
		if _, err := frame.Parse([]byte(in)); err != frame.ErrNotUTF8 {
			t.Errorf("%q: got %v", in, err)
		}
	}
}

func TestErrorsCanBeMatched(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, ref, clientMessageID string }{
		{"unknown type", `{"type":"nonsense","ref":7,"client_message_id":"c"}`, "7", "c"},
		{"missing type", `{"ref":"r","client_message_id":"c"}`, `"r"`, "c"},
		{"slip", `{"type":"chat_message","ref":"r","client_message_id":"c","text":"hi","conversation_id":A}`, `"r"`, "c"},
		{"bad content", `{"type":"chat_message","ref":"r","client_message_id":"c","content":"","conversation_id":A}`, `"r"`, "c"},
		{"NUL elsewhere", `{"x":"\u0000","type":"ping","ref":"r","client_message_id":"c"}`, `"r"`, "c"},
		{"given last", `{"type":1,"client_message_id":"c\n","ref":[1]}`, `[1]`, "c\n"},
		{"unusable", `{"type":"chat_message","ref":"\ud800","client_message_id":"\u0000"}`, "", ""},
		{"too long", `{"type":"ping","ref":"` + strings.Repeat("x", 255) + `","client_message_id":"` + strings.Repeat("x", 65) + `"}`, "", ""},
		{"of another kind", `{"type":"chat_message","ref":null,"client_message_id":5}`, "", ""},
		{"none", `{}`, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := frame.Parse([]byte(expand(tc.in)))
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Ref != tc.ref || err.ClientMessageID != tc.clientMessageID {
				t.Errorf("got ref %s and client_message_id %q, want %s and %q", err.Ref, err.ClientMessageID, tc.ref, tc.clientMessageID)
			}
		})
	}
}

// A frame must not change when the buffer that it came in is read into again.
func TestFrameKeepsNothingOfTheData(t *testing.T) {
	t.Parallel()
	data := []byte(expand(`{"type":"chat_message","conversation_id":A,"content":"hello","client_message_id":"c","ref":"r"}`))
	got, err := frame.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprintf("%+v", got)
	for i := range data {
		data[i] = 'x'
	}
	if after := fmt.Sprintf("%+v", got); after != before {
		t.Errorf("got %s, was %s", after, before)
	}
}

func TestNamesInErrorsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 10_000)
	for _, in := range []string{`{"type":"` + long + `"}`, `{"type":"ping","` + long + `":"\u0000"}`} {
		_, err := frame.Parse([]byte(in))
		if err == nil {
			t.Fatal("accepted")
		}
		if size := len(err.AppendJSON(nil)); size > 500 || strings.ContainsRune(err.Message+err.Field, '\uFFFD') {
			t.Errorf("got %d bytes: %v", size, err)
		}
	}
}
