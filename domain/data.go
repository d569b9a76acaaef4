package domain

// Type names a kind of event, in the past tense. A released name is never given another meaning.
type Type string

// The types of this release.
const (
	TypeLogCreated           Type = "LogCreated"
	TypeLogKeyRotated        Type = "LogKeyRotated"
	TypeMerkleBatchSealed    Type = "MerkleBatchSealed"
	TypeUserRegistered       Type = "UserRegistered"
	TypeUserDeactivated      Type = "UserDeactivated"
	TypeConversationStarted  Type = "ConversationStarted"
	TypeParticipantAdded     Type = "ParticipantAdded"
	TypeParticipantLeft      Type = "ParticipantLeft"
	TypeMessageSent          Type = "MessageSent"
	TypeMessageDelivered     Type = "MessageDelivered"
	TypeMessageRead          Type = "MessageRead"
	TypeContentErased        Type = "ContentErased"
	TypeUserBlocked          Type = "UserBlocked"
	TypeUserUnblocked        Type = "UserUnblocked"
	TypeGuardPolicyInstalled Type = "GuardPolicyInstalled"
	TypeMessageJudged        Type = "MessageJudged"
	TypeMessageBlocked       Type = "MessageBlocked"
	TypeMessageReleased      Type = "MessageReleased"
	TypeProjectCreated       Type = "ProjectCreated"
	TypeTaskCreated          Type = "TaskCreated"
	TypeTaskStatusChanged    Type = "TaskStatusChanged"
	TypeNotificationCreated  Type = "NotificationCreated"
	TypeNotificationRead     Type = "NotificationRead"
	TypeAnnouncementMade     Type = "AnnouncementMade"
)

// Types are all types of events that this release knows. A type that is none of them is a newer release's.
func Types() []Type {
	return []Type{
		TypeLogCreated, TypeLogKeyRotated, TypeMerkleBatchSealed, TypeUserRegistered, TypeUserDeactivated,
		TypeConversationStarted, TypeParticipantAdded, TypeParticipantLeft,
		TypeMessageSent, TypeMessageDelivered, TypeMessageRead, TypeContentErased, TypeUserBlocked, TypeUserUnblocked,
		TypeGuardPolicyInstalled, TypeMessageJudged, TypeMessageBlocked, TypeMessageReleased,
		TypeProjectCreated, TypeTaskCreated, TypeTaskStatusChanged,
		TypeNotificationCreated, TypeNotificationRead, TypeAnnouncementMade,
	}
}

// Data is what an event of one type says. The fields with JSON names are the payload, in the
// order in which they are written; the others lie in the body and are gone once it is erased.
type Data interface {
	// Type is the event's type.
	Type() Type
	// body returns the erasable part, nil if there is none.
	body() any
	// setBody reads what body wrote; it isn't called when the body is gone.
	setBody(raw []byte) error
}

// LogCreated is the event at position 1: which log this is, and the key that vouches for it.
type LogCreated struct {
	LogID     ID     `json:"log_id"`
	Origin    string `json:"origin"`
	PublicKey string `json:"public_key"` // a verifier key of C2SP signed-note
}

// LogKeyRotated says that seals after it are signed with another key.
type LogKeyRotated struct {
	PreviousKey  string `json:"previous_key"` // verifier keys of C2SP signed-note
	PublicKey    string `json:"public_key"`
	Announcement string `json:"announcement"` // a signed note over both, signed by both
}

// MerkleBatchSealed is a claim of the log about itself: the root of the RFC 6962 tree over its first
// events. The batch is what no earlier seal covers; the seal itself falls into a later one.
type MerkleBatchSealed struct {
	TreeSize      int64    `json:"tree_size"` // equals LastPosition, since the leaf index is Position - 1
	RootHash      string   `json:"root_hash"` // lower-case hex
	FirstPosition Position `json:"first_position"`
	LastPosition  Position `json:"last_position"`
	Checkpoint    string   `json:"checkpoint"` // a C2SP tlog-checkpoint over tree size and root
}

// UserRegistered says that an account exists from here on.
type UserRegistered struct {
	UserID   ID     `json:"user_id"`
	Role     Role   `json:"role"`
	BodyHash string `json:"body_hash"` // lower-case hex SHA-256 of the body's bytes

	Name          string    `json:"-"`
	WalletAddress string    `json:"-"` // lower case; empty for none
	Salt          Salt      `json:"-"`
	Evidence      *Evidence `json:"-"` // nil for none
}

// UserDeactivated says that an account may do nothing from here on.
type UserDeactivated struct {
	UserID ID `json:"user_id"`
}

// ConversationStarted opens a conversation; it is the first event of its stream.
type ConversationStarted struct {
	ConversationID ID   `json:"conversation_id"`
	StarterID      ID   `json:"starter_id"`
	Direct         bool `json:"direct"`
	ParticipantIDs []ID `json:"participant_ids"` // the starter included, in ascending order
	// IdempotencyKey is that of the request, by which a repeat is known; left out for none, as in logs of before there was one.
	IdempotencyKey *string `json:"idempotency_key,omitempty"`
	BodyHash       string  `json:"body_hash,omitempty"`

	Title string `json:"-"` // empty for none
	Salt  Salt   `json:"-"`
}

// ParticipantAdded says that somebody sees the conversation from this event on.
type ParticipantAdded struct {
	ConversationID ID `json:"conversation_id"`
	UserID         ID `json:"user_id"`
	AddedBy        ID `json:"added_by"`
}

// ParticipantLeft says that somebody sees nothing of the conversation after this event.
type ParticipantLeft struct {
	ConversationID ID `json:"conversation_id"`
	UserID         ID `json:"user_id"`
	RemovedBy      ID `json:"removed_by"` // the user himself when he left
}

// MessageSent is a message that passed every check.
type MessageSent struct {
	MessageID       ID      `json:"message_id"`
	ConversationID  ID      `json:"conversation_id"`
	SenderID        ID      `json:"sender_id"`
	ReceiverID      *ID     `json:"receiver_id"` // the other one, in a direct conversation
	ClientMessageID *string `json:"client_message_id"`
	ContentHash     string  `json:"content_hash"`
	RiskScore       float64 `json:"risk_score"`  // 0 to 1, two decimals
	PolicyHash      *string `json:"policy_hash"` // the guard's policy; null when none judged it

	Content string `json:"-"`
	Salt    Salt   `json:"-"`
	Erased  bool   `json:"-"` // the body is gone: Content and Salt are empty
}

// MessageDelivered says that a recipient's client has the message.
type MessageDelivered struct {
	MessageID      ID `json:"message_id"`
	ConversationID ID `json:"conversation_id"`
	SenderID       ID `json:"sender_id"`
	UserID         ID `json:"user_id"` // who received
}

// MessageRead says that a recipient has read the message.
type MessageRead struct {
	MessageID      ID `json:"message_id"`
	ConversationID ID `json:"conversation_id"`
	SenderID       ID `json:"sender_id"`
	UserID         ID `json:"user_id"` // who read
}

// ContentErased says that the body of a message's event is gone from here on.
type ContentErased struct {
	MessageID      ID       `json:"message_id"`
	ConversationID *ID      `json:"conversation_id"` // null for a message that was blocked, which is in none
	ErasedPosition Position `json:"erased_position"` // of the event whose body is gone
	ErasedBy       ID       `json:"erased_by"`
	Reason         Reason   `json:"reason"`
	SenderID       *ID      `json:"sender_id,omitempty"` // of a message that was blocked; else left out
}

// UserBlocked says that a user wants no direct messages from another.
type UserBlocked struct {
	UserID    ID `json:"user_id"`
	BlockedID ID `json:"blocked_id"`
}

// UserUnblocked takes a UserBlocked back.
type UserUnblocked struct {
	UserID    ID `json:"user_id"`
	BlockedID ID `json:"blocked_id"`
}

// GuardPolicyInstalled says that a server judges by this policy from here on.
type GuardPolicyInstalled struct {
	PolicyHash string       `json:"policy_hash"` // lower-case hex SHA-256 of Policy
	ModelHash  *string      `json:"model_hash"`  // lower-case hex SHA-256 of the text classifier's model; null without one
	Lists      []PolicyList `json:"lists"`       // in the policy's order
	BodyHash   string       `json:"body_hash"`

	Policy string `json:"-"` // the policy file, to the byte
	Salt   Salt   `json:"-"`
}

// PolicyList is a list of domains or addresses that a policy names.
type PolicyList struct {
	Name    string `json:"name"`
	Hash    string `json:"hash"` // lower-case hex SHA-256 of the file
	Entries int    `json:"entries"`
}

// MessageJudged says why a message that was sent has its risk score. It stands right before its MessageSent, and
// only where there is a reason or a language model was asked. It is in the sender's stream, so that a proof for receivers does not show it.
type MessageJudged struct {
	MessageID  ID            `json:"message_id"`
	SenderID   ID            `json:"sender_id"`
	RiskScore  float64       `json:"risk_score"`
	PolicyHash string        `json:"policy_hash"`
	Reasons    []RiskReason  `json:"reasons"`
	Model      *ModelOpinion `json:"model"` // null when no language model was asked
}

// MessageBlocked is a message that the guard kept from being sent. It is in its sender's stream: the others of the
// conversation see neither it nor a gap.
type MessageBlocked struct {
	MessageID       ID            `json:"message_id"`
	ConversationID  *ID           `json:"conversation_id"` // null where the two had no direct conversation
	SenderID        ID            `json:"sender_id"`
	ReceiverID      *ID           `json:"receiver_id"` // the other one, in a direct conversation
	ClientMessageID *string       `json:"client_message_id"`
	ContentHash     string        `json:"content_hash"`
	RiskScore       float64       `json:"risk_score"` // 0 to 1, two decimals
	PolicyHash      string        `json:"policy_hash"`
	Reasons         []RiskReason  `json:"reasons"`
	Model           *ModelOpinion `json:"model"` // null when no language model was asked

	Content string `json:"-"`
	Salt    Salt   `json:"-"`
	Erased  bool   `json:"-"` // the body is gone: Content and Salt are empty
}

// MessageReleased says that an admin let a blocked message pass. The events after it, of the same commit, send it under
// a new id with the same content and salt, and open the direct conversation if need be.
type MessageReleased struct {
	MessageID       ID       `json:"message_id"`
	BlockedPosition Position `json:"blocked_position"` // of its MessageBlocked
	SenderID        ID       `json:"sender_id"`
	ReleasedID      ID       `json:"released_id"` // under which it is sent
	ConversationID  ID       `json:"conversation_id"`
	ReleasedBy      ID       `json:"released_by"`
}

// Type implements Data.
func (*LogCreated) Type() Type { return TypeLogCreated }

// Type implements Data.
func (*LogKeyRotated) Type() Type { return TypeLogKeyRotated }

// Type implements Data.
func (*MerkleBatchSealed) Type() Type { return TypeMerkleBatchSealed }

// Type implements Data.
func (*UserRegistered) Type() Type { return TypeUserRegistered }

// Type implements Data.
func (*UserDeactivated) Type() Type { return TypeUserDeactivated }

// Type implements Data.
func (*ConversationStarted) Type() Type { return TypeConversationStarted }

// Type implements Data.
func (*ParticipantAdded) Type() Type { return TypeParticipantAdded }

// Type implements Data.
func (*ParticipantLeft) Type() Type { return TypeParticipantLeft }

// Type implements Data.
func (*MessageSent) Type() Type { return TypeMessageSent }

// Type implements Data.
func (*MessageDelivered) Type() Type { return TypeMessageDelivered }

// Type implements Data.
func (*MessageRead) Type() Type { return TypeMessageRead }

// Type implements Data.
func (*ContentErased) Type() Type { return TypeContentErased }

// Type implements Data.
func (*UserBlocked) Type() Type { return TypeUserBlocked }

// Type implements Data.
func (*UserUnblocked) Type() Type { return TypeUserUnblocked }

// Type implements Data.
func (*GuardPolicyInstalled) Type() Type { return TypeGuardPolicyInstalled }

// Type implements Data.
func (*MessageJudged) Type() Type { return TypeMessageJudged }

// Type implements Data.
func (*MessageBlocked) Type() Type { return TypeMessageBlocked }

// Type implements Data.
func (*MessageReleased) Type() Type { return TypeMessageReleased }
