package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// SchemaVersion is the version in which every type of this release is written.
const SchemaVersion = 1

// ErrUnknownType says that an event's type or schema version is newer than this program.
var ErrUnknownType = errors.New("event of a type or version that this release does not know")

// Encoded are the bytes of an event's three columns. Body is nil when there is none.
type Encoded struct {
	Type                    Type
	Payload, Metadata, Body []byte
}

// Encode makes the bytes that are stored and hashed. The same data and actor always give the
// same bytes. It fills in the body hash of d, where d has one.
func Encode(d Data, actor Actor) (Encoded, error) {
	e := Encoded{Type: d.Type(), Metadata: appendMetadata(nil, actor)}
	if b := d.body(); b != nil {
		raw, err := marshal(b)
		if err != nil {
			return Encoded{}, fmt.Errorf("encode body of %s: %w", e.Type, err)
		}
		e.Body = raw
		setBodyHash(d, raw)
	}
	raw, err := marshal(d)
	if err != nil {
		return Encoded{}, fmt.Errorf("encode %s: %w", e.Type, err)
	}
	e.Payload = raw
	return e, nil
}

// WithData returns the event with its data attached, so that Decode need not parse the bytes
// that were just made from it. The caller no longer changes d.
func (e Event) WithData(d Data) Event {
	e.data = d
	return e
}

// Decode reads an event's data. It returns ErrUnknownType for what a newer release wrote, and
// another error for bytes that no release wrote.
func Decode(e Event) (Data, error) {
	if e.data != nil {
		return e.data, nil
	}
	version, err := schemaVersion(e.Metadata)
	if err != nil {
		return nil, fmt.Errorf("decode %s at %d: %w", e.Type, e.Position, err)
	}
	if version > SchemaVersion {
		return nil, fmt.Errorf("%s version %d at %d: %w", e.Type, version, e.Position, ErrUnknownType)
	}
	d := newData(e.Type)
	if d == nil {
		return nil, fmt.Errorf("%s at %d: %w", e.Type, e.Position, ErrUnknownType)
	}
	if err := json.Unmarshal(e.Payload, d); err != nil {
		return nil, fmt.Errorf("decode %s at %d: %w", e.Type, e.Position, err)
	}
	if e.Body != nil {
		if err := d.setBody(e.Body); err != nil {
			return nil, fmt.Errorf("decode %s at %d: %w", e.Type, e.Position, err)
		}
	} else if m, ok := d.(*MessageSent); ok {
		m.Erased = true
	}
	if err := required(d); err != nil {
		return nil, fmt.Errorf("decode %s at %d: %w", e.Type, e.Position, err)
	}
	return d, nil
}

// ParseMetadata reads the metadata column.
func ParseMetadata(raw []byte) (Metadata, error) {
	var m Metadata
	if err := json.Unmarshal(raw, &m); err != nil {
		return Metadata{}, fmt.Errorf("metadata: %w", err)
	}
	return m, nil
}

func newData(t Type) Data {
	switch t {
	case TypeLogCreated:
		return new(LogCreated)
	case TypeUserRegistered:
		return new(UserRegistered)
	case TypeUserDeactivated:
		return new(UserDeactivated)
	case TypeConversationStarted:
		return new(ConversationStarted)
	case TypeParticipantAdded:
		return new(ParticipantAdded)
	case TypeParticipantLeft:
		return new(ParticipantLeft)
	case TypeMessageSent:
		return new(MessageSent)
	case TypeMessageDelivered:
		return new(MessageDelivered)
	case TypeMessageRead:
		return new(MessageRead)
	case TypeContentErased:
		return new(ContentErased)
	case TypeUserBlocked:
		return new(UserBlocked)
	case TypeUserUnblocked:
		return new(UserUnblocked)
	}
	return nil
}

func setBodyHash(d Data, raw []byte) {
	switch d := d.(type) {
	case *UserRegistered:
		d.BodyHash = BodyHash(raw)
	case *ConversationStarted:
		d.BodyHash = BodyHash(raw)
	}
}

// required refuses payloads that lack an id without which nothing can be done with the event.
func required(d Data) error {
	ok := true
	switch d := d.(type) {
	case *UserRegistered:
		ok = !d.UserID.IsZero()
	case *UserDeactivated:
		ok = !d.UserID.IsZero()
	case *ConversationStarted:
		ok = !d.ConversationID.IsZero() && len(d.ParticipantIDs) > 0
	case *ParticipantAdded:
		ok = !d.ConversationID.IsZero() && !d.UserID.IsZero()
	case *ParticipantLeft:
		ok = !d.ConversationID.IsZero() && !d.UserID.IsZero()
	case *MessageSent:
		ok = !d.MessageID.IsZero() && !d.ConversationID.IsZero() && !d.SenderID.IsZero()
	case *MessageDelivered:
		ok = !d.MessageID.IsZero() && !d.ConversationID.IsZero() && !d.UserID.IsZero()
	case *MessageRead:
		ok = !d.MessageID.IsZero() && !d.ConversationID.IsZero() && !d.UserID.IsZero()
	case *ContentErased:
		ok = !d.MessageID.IsZero() && !d.ConversationID.IsZero() && d.ErasedPosition > 0
	case *UserBlocked:
		ok = !d.UserID.IsZero() && !d.BlockedID.IsZero()
	case *UserUnblocked:
		ok = !d.UserID.IsZero() && !d.BlockedID.IsZero()
	}
	if !ok {
		return errors.New("a required field is missing")
	}
	return nil
}

// metadataStart is how every release so far begins the metadata, so that the version of most
// events is known without parsing.
var metadataStart = []byte(`{"schema_version":1,`)

func schemaVersion(metadata []byte) (int, error) {
	if bytes.HasPrefix(metadata, metadataStart) {
		return 1, nil
	}
	m, err := ParseMetadata(metadata)
	if err == nil && m.SchemaVersion < 1 {
		err = errors.New("metadata: no schema_version")
	}
	return m.SchemaVersion, err
}

func appendMetadata(dst []byte, a Actor) []byte {
	dst = append(dst, metadataStart...)
	dst = append(dst, `"actor_id":`...)
	dst = appendOptionalID(dst, a.ID)
	dst = append(dst, `,"session_id":`...)
	dst = appendOptionalID(dst, a.SessionID)
	dst = append(dst, `,"auth":"`...)
	dst = append(dst, a.Auth...)
	return append(dst, `"}`...)
}

func appendOptionalID(dst []byte, id ID) []byte {
	if id.IsZero() {
		return append(dst, `null`...)
	}
	dst = append(dst, '"')
	dst = id.Append(dst)
	return append(dst, '"')
}

// marshal is json.Marshal without the escaping meant for HTML, which has no place in a log.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
