package domain_test

import (
	"reflect"
	"strings"
	"testing"

	"chainmail/domain"
)

// What can be read can be written, and is then read alike, whatever the bytes.
func FuzzDecode(f *testing.F) {
	for name, d := range samples() {
		encoded, err := domain.Encode(d, writer(d))
		if err != nil {
			f.Fatal(name, err)
		}
		f.Add(string(encoded.Type), encoded.Payload, encoded.Metadata, encoded.Body, encoded.Body != nil)
		spaced := strings.ReplaceAll(string(encoded.Payload), ":", ": ")
		f.Add(string(encoded.Type), []byte(spaced), encoded.Metadata, encoded.Body, encoded.Body != nil)
	}
	f.Add("MessageSent", []byte(receipt), []byte(version1), []byte(`{"content":"\ud83d\ude42\ud800\u2028","salt":"`+strings.Repeat("Ab", 16)+`"}`), true)
	f.Add("NotificationCreated", []byte(`{"notification_id":`+idText+`,"user_id":`+idText+`,"created_by":`+idText+
		`,"notification_type":"\u0000","idempotency_key":"","new":[]}`), []byte(version1), []byte(`{"title":"\ud800","link":"","salt":"`+
		strings.Repeat("Ab", 16)+`"}`), true)
	f.Fuzz(func(t *testing.T, of string, payload, metadata, body []byte, hasBody bool) {
		e := domain.Event{Position: 1, Type: domain.Type(of), Payload: payload, Metadata: metadata}
		if hasBody {
			e.Body = append([]byte{}, body...)
		}
		first, err := domain.Decode(e)
		if err != nil {
			return
		}
		encoded, err := domain.Encode(first, domain.Actor{Auth: domain.AuthSystem})
		if err != nil {
			t.Fatalf("read but not written: %+v: %v", first, err)
		}
		second, err := domain.Decode(domain.Event{
			Position: 1, Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
		})
		if err != nil {
			t.Fatalf("written but not read: %s, %s: %v", encoded.Payload, encoded.Body, err)
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("got %+v, want %+v", second, first)
		}
	})
}
