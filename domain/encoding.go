package domain

import (
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
// same bytes. It fills in the body hash of d, where d has one, and refuses data that Decode
// would refuse. Text that is no UTF-8, which decisions let nobody write, becomes U+FFFD.
func Encode(d Data, actor Actor) (Encoded, error) {
	e := Encoded{Type: d.Type()}
	if err := check(d); err != nil {
		return Encoded{}, fmt.Errorf("encode %s: %w", e.Type, err)
	}
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
	e.Metadata = appendMetadata(make([]byte, 0, 160), actor)
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
	d, err := readPayload(e.Type, e.Payload)
	if err == nil {
		err = readBody(d, e.Body)
	}
	if err == nil {
		err = check(d)
	}
	if err != nil {
		return nil, fmt.Errorf("decode %s at %d: %w", e.Type, e.Position, err)
	}
	return d, nil
}

func readPayload(t Type, payload []byte) (Data, error) {
	if d := readCanonical(t, payload); d != nil {
		return d, nil
	}
	d := newData(t)
	if d == nil {
		return nil, ErrUnknownType
	}
	return d, json.Unmarshal(payload, d)
}

func readBody(d Data, body []byte) error {
	if body != nil {
		return d.setBody(body)
	}
	switch m := d.(type) {
	case *MessageSent:
		m.Erased = true
	case *MessageBlocked:
		m.Erased = true
	}
	return nil
}

func newData(t Type) Data {
	switch t {
	case TypeLogCreated:
		return new(LogCreated)
	case TypeLogKeyRotated:
		return new(LogKeyRotated)
	case TypeMerkleBatchSealed:
		return new(MerkleBatchSealed)
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
	case TypeGuardPolicyInstalled:
		return new(GuardPolicyInstalled)
	case TypeMessageJudged:
		return new(MessageJudged)
	case TypeMessageBlocked:
		return new(MessageBlocked)
	case TypeMessageReleased:
		return new(MessageReleased)
	case TypeProjectCreated:
		return new(ProjectCreated)
	case TypeTaskCreated:
		return new(TaskCreated)
	case TypeTaskStatusChanged:
		return new(TaskStatusChanged)
	case TypeNotificationCreated:
		return new(NotificationCreated)
	case TypeNotificationRead:
		return new(NotificationRead)
	case TypeAnnouncementMade:
		return new(AnnouncementMade)
	}
	return nil
}

func setBodyHash(d Data, raw []byte) {
	switch d := d.(type) {
	case *UserRegistered:
		d.BodyHash = BodyHash(raw)
	case *ConversationStarted:
		d.BodyHash = BodyHash(raw)
	case *GuardPolicyInstalled:
		d.BodyHash = BodyHash(raw)
	case *ProjectCreated:
		d.BodyHash = BodyHash(raw)
	case *TaskCreated:
		d.BodyHash = BodyHash(raw)
	case *NotificationCreated:
		d.BodyHash = BodyHash(raw)
	case *AnnouncementMade:
		d.BodyHash = BodyHash(raw)
	}
}
