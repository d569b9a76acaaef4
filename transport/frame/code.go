package frame

// Code says what kind of error a frame reports. Clients branch on it.
type Code string

// All codes that an error frame can have.
const (
	InvalidJSON          Code = "invalid_json"  // no JSON, or no object
	MissingField         Code = "missing_field" // a required field is absent or null
	UnknownType          Code = "unknown_type"
	InvalidField         Code = "invalid_field" // a field's value breaks a rule
	UnknownField         Code = "unknown_field" // a slip: field is what was sent, hint what was meant
	TooLarge             Code = "too_large"     // content, or too many ids
	NotAParticipant      Code = "not_a_participant"
	ReceiverNotFound     Code = "receiver_not_found" // or inactive
	ConversationNotFound Code = "conversation_not_found"
	MessageNotFound      Code = "message_not_found" // or not the user's to acknowledge
	Forbidden            Code = "forbidden"
	Unauthenticated      Code = "unauthenticated"
	RateLimited          Code = "rate_limited" // RetryAfter says for how long
	Unavailable          Code = "unavailable"  // nothing was stored, try again
	Internal             Code = "internal"     // never with inner details
)
