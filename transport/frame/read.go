package frame

import (
	"strconv"
	"strings"

	"chainmail/domain"
)

// The functions below read what a type of frame has. Its required fields are there.

func readChatMessage(r *request, f *Frame) (err *Error) {
	if f.Content, err = r.text(fieldContent); err != nil {
		return err
	}
	if refusal := domain.CheckContent(f.Content); refusal != nil {
		return refused(refusal)
	}
	if f.ClientMessageID, err = r.text(fieldClientMessageID); err != nil {
		return err
	}
	if n := len(f.ClientMessageID); n > domain.MaxClientMessageID || n == 0 && r.has(fieldClientMessageID) {
		return invalidField(fieldClientMessageID, "must be 1 to 64 bytes long")
	}
	return readTarget(r, f)
}

// readTarget reads to whom a frame goes: a conversation or another user, not both, since nothing
// would say which counts if they disagree.
func readTarget(r *request, f *Frame) (err *Error) {
	switch {
	case r.has(fieldConversationID) && r.has(fieldReceiverID):
		return invalidField(fieldReceiverID, "is given beside conversation_id: send one of the two")
	case !r.has(fieldConversationID) && !r.has(fieldReceiverID):
		return missingField(fieldConversationID, "conversation_id or receiver_id")
	}
	if f.ConversationID, err = r.id(fieldConversationID); err != nil {
		return err
	}
	f.ReceiverID, err = r.id(fieldReceiverID)
	return err
}

func readReceipt(r *request, f *Frame) *Error {
	id, err := r.id(fieldMessageID)
	f.MessageIDs, f.MessagesField = []domain.ID{id}, fieldMessageID.String()
	return err
}

func readRead(r *request, f *Frame) *Error {
	v := r.fields[fieldMessageIDs]
	if v.kind != array {
		return invalidField(fieldMessageIDs, "must be a list of UUIDs")
	}
	count := 0
	for range v.elements() {
		count++
	}
	switch {
	case count == 0:
		return invalidField(fieldMessageIDs, "is empty: name at least one message")
	case count > MaxMessageIDs:
		err := invalidField(fieldMessageIDs, "has "+strconv.Itoa(count)+" ids: send at most "+strconv.Itoa(MaxMessageIDs)+" in a frame")
		err.Code = TooLarge
		return err
	}
	f.MessageIDs, f.MessagesField = make([]domain.ID, 0, count), fieldMessageIDs.String()
	for e := range v.elements() {
		id, err := parseID(fieldMessageIDs, e)
		if err != nil {
			err.Message = "number " + strconv.Itoa(len(f.MessageIDs)+1) + " of " + err.Message
			return err
		}
		f.MessageIDs = append(f.MessageIDs, id)
	}
	return nil
}

func readTyping(r *request, f *Frame) *Error {
	f.IsTyping = true
	if v := r.fields[fieldIsTyping]; v.given() {
		if v.kind != boolean {
			return invalidField(fieldIsTyping, "must be true or false")
		}
		f.IsTyping = v.raw[0] == 't'
	}
	return readTarget(r, f)
}

// readChannel reads a subscription. A channel of another kind is Forbidden, as all that does not
// exist; only a malformed one is the field's fault.
func readChannel(r *request, f *Frame) *Error {
	forms := fields[fieldChannel].hint
	name, err := r.text(fieldChannel)
	if err != nil {
		return err
	}
	kind, id, _ := strings.Cut(name, ":")
	f.Channel = Channel{Kind: ChannelKind(kind), Name: name}
	switch f.Channel.Kind {
	case TaskChannel, ProjectChannel:
	case "":
		err = invalidField(fieldChannel, "must name a channel")
		err.Hint = forms
		return err
	default:
		return &Error{Code: Forbidden, Field: fieldChannel.String(), Hint: forms, Message: "there is no such channel for you"}
	}
	parsed, bad := domain.ParseID(id)
	if bad != nil {
		err = invalidField(fieldChannel, "must name a UUID after the colon")
		err.Hint = forms
		return err
	}
	f.Channel.ID = parsed
	return nil
}

// readSync takes since as JSON's integer alone: no string, no fraction, no exponent.
func readSync(r *request, f *Frame) (err *Error) {
	v := r.fields[fieldSince]
	n, bad := strconv.ParseUint(string(v.raw), 10, 63)
	if v.kind != number || bad != nil {
		return invalidField(fieldSince, "must be an integer, 0 or more")
	}
	f.Since = domain.Position(n)
	f.LogID, err = r.id(fieldLogID)
	return err
}

func readToken(r *request, f *Frame) (err *Error) {
	if f.Token, err = r.text(fieldToken); err != nil {
		return err
	}
	if f.Token == "" {
		return invalidField(fieldToken, "is empty: send a JWT")
	}
	return nil
}
