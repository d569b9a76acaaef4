package history_test

import (
	"testing"

	"chainmail/cmd/chaos/history"
)

func TestParse(t *testing.T) {
	t.Parallel()
	// The hash is that of the salt's bytes 00 01 … 0f followed by "hi".
	const hash, salt = `47d6a177ff41aa8b00b8291e99f224903e5822d27998ffec3c71e75baffe1be2`, `000102030405060708090a0b0c0d0e0f`
	const place = `"message_id":"01020304-0506-706d-8000-000000000001","conversation_id":"01020304-0506-7063-8000-000000000001","seq":2,"position":6`
	tests := []struct {
		name, frame string
		want        func(history.Entry) bool
	}{
		{"a message", `{"type":"chat_message",` + place + `,"sender_id":"01020304-0506-7075-8000-000000000001","content":"hi","content_hash":"` +
			hash + `","salt":"` + salt + `"}`, func(e history.Entry) bool {
			return e.Type == "chat_message" && e.Message == m1 && e.Conversation == direct && e.Seq == 2 && e.Position == 6 && e.User == alice &&
				e.Hash == hash && e.Words == history.TrueWords
		}},
		{"other words than the hash has", `{"type":"chat_message","content":"ho","content_hash":"` + hash + `","salt":"` + salt + `"}`,
			func(e history.Entry) bool { return e.Words == history.FalsedWords }},
		{"an erased message", `{"type":"chat_message","content":null,"content_hash":"` + hash + `","salt":null}`,
			func(e history.Entry) bool { return e.Words == history.NoWords }},
		{"an answer", `{"type":"message_sent",` + place + `,"client_message_id":"a-1","duplicate":true}`,
			func(e history.Entry) bool { return e.ClientID == "a-1" && e.Duplicate && e.Message == m1 }},
		{"many receipts in one", `{"type":"message_status","delivered_count":0,"read_count":0}`, func(e history.Entry) bool { return e.Counts }},
		{"a change", `{"type":"conversation","change":"started"}`, func(e history.Entry) bool { return e.Status == "started" }},
		{"a sync's end", `{"type":"synced","position":3,"ref":"sync-1"}`, func(e history.Entry) bool { return e.Ref == `"sync-1"` && e.Position == 3 }},
		{"no JSON", `{`, func(e history.Entry) bool { return e.Type == history.Unparsed }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := history.Parse([]byte(test.frame), 5); got.Kind != history.Received || got.At != 5 || !test.want(got) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
