package domain

// Code names why a command was refused. The texts are the error codes of the protocol.
type Code string

// The codes that decisions use. Transport adds those of its own (rate limits, bad JSON).
const (
	InvalidField         Code = "invalid_field"
	TooLarge             Code = "too_large"
	NotAParticipant      Code = "not_a_participant"
	ReceiverNotFound     Code = "receiver_not_found"
	ConversationNotFound Code = "conversation_not_found"
	MessageNotFound      Code = "message_not_found"
	UserNotFound         Code = "user_not_found"
	Forbidden            Code = "forbidden"
	Conflict             Code = "conflict"
	NotFound             Code = "not_found"
)

// Refusal is the answer to a command that the rules do not allow. Message is written for the
// person who sent the command and says what to do; Field is the field at fault, if one is.
type Refusal struct {
	Code    Code
	Field   string
	Message string
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Message }

// Is makes errors.Is match refusals by code alone, so that tests and tables need no texts.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Code == r.Code && (t.Field == "" || t.Field == r.Field)
}

// FromMissing reports whether the refusal rests on something not being there. Such a refusal
// is final only once the state includes everything the asker can have seen.
func (r *Refusal) FromMissing() bool {
	switch r.Code {
	case NotAParticipant, ReceiverNotFound, ConversationNotFound, MessageNotFound, UserNotFound, Forbidden, Conflict, NotFound:
		return true
	}
	return false
}

func refuse(code Code, field, message string) *Refusal {
	return &Refusal{Code: code, Field: field, Message: message}
}
