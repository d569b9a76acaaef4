package audit

import (
	"strconv"
	"strings"

	"chainmail/domain"
)

// tell says in a line's words what happened.
func (t *Timeline) tell(e *domain.Event) string {
	data, err := domain.Decode(*e)
	if err != nil {
		return Printable(string(e.Type)) + " of " + Printable(string(e.Stream)) + ", which cannot be read"
	}
	switch d := data.(type) {
	case *domain.LogCreated:
		return "the log " + Printable(d.Origin) + " begins; its key is " + Printable(d.PublicKey)
	case *domain.LogKeyRotated:
		return "the log's key is from here on " + Printable(d.PublicKey)
	case *domain.MerkleBatchSealed:
		return "sealed " + positionOf(d.FirstPosition) + " to " + positionOf(d.LastPosition) + ": " + tree(d)
	case *domain.UserRegistered:
		return t.registered(d)
	case *domain.UserDeactivated:
		return t.user(d.UserID) + " is deactivated"
	case *domain.ConversationStarted:
		return t.started(d)
	case *domain.ParticipantAdded:
		return t.user(d.AddedBy) + " added " + t.user(d.UserID) + " to " + t.group(d.ConversationID)
	case *domain.ParticipantLeft:
		if d.RemovedBy == d.UserID {
			return t.user(d.UserID) + " left " + t.group(d.ConversationID)
		}
		return t.user(d.RemovedBy) + " removed " + t.user(d.UserID) + " from " + t.group(d.ConversationID)
	case *domain.MessageSent:
		return t.sent(e, d)
	case *domain.MessageJudged:
		return t.judged(d)
	case *domain.MessageBlocked:
		return t.blocked(d)
	case *domain.MessageReleased:
		return t.released(e, d)
	case *domain.GuardPolicyInstalled:
		return installed(d)
	case *domain.MessageDelivered:
		return t.user(d.UserID) + " received " + t.acknowledged(d.MessageID, e)
	case *domain.MessageRead:
		return t.user(d.UserID) + " read " + t.acknowledged(d.MessageID, e)
	case *domain.ContentErased:
		return t.user(d.ErasedBy) + " erased " + t.it(d.MessageID, d.ErasedPosition) + " (" + Printable(string(d.Reason)) + ")"
	case *domain.UserBlocked:
		return t.user(d.UserID) + " blocked " + t.user(d.BlockedID)
	case *domain.UserUnblocked:
		return t.user(d.UserID) + " unblocked " + t.user(d.BlockedID)
	}
	return t.tellWork(e, data)
}

// user is a user's name, with the end of his id where others have the same, or his id when he has none.
func (t *Timeline) user(id domain.ID) string {
	name := t.users[id]
	switch {
	case name == "":
		return id.String()
	case t.bearers[name] > 1:
		text := id.String()
		return Printable(name) + " (…" + text[len(text)-6:] + ")"
	}
	return Printable(name)
}

func (t *Timeline) registered(d *domain.UserRegistered) string {
	text := t.user(d.UserID) + " is registered as " + Printable(string(d.Role))
	if d.Name != "" {
		text += ", " + d.UserID.String()
	}
	if d.WalletAddress != "" {
		text += ", wallet " + Printable(d.WalletAddress)
	}
	return text
}

// maxNamed is how many participants a line names.
const maxNamed = 5

func (t *Timeline) started(d *domain.ConversationStarted) string {
	var others []string
	for _, id := range d.ParticipantIDs {
		if id == d.StarterID {
			continue
		}
		if len(others) == maxNamed && len(d.ParticipantIDs) > maxNamed+2 {
			others = append(others, Count(int64(len(d.ParticipantIDs)-1-maxNamed))+" others")
			break
		}
		others = append(others, t.user(id))
	}
	text := t.user(d.StarterID) + " started " + t.group(d.ConversationID)
	if d.Direct {
		text = t.user(d.StarterID) + " opened a conversation"
	}
	switch n := len(others); n {
	case 0:
		return text
	case 1:
		return text + " with " + others[0]
	default:
		return text + " with " + strings.Join(others[:n-1], ", ") + " and " + others[n-1]
	}
}

// group is a group's title, or its id when it has none.
func (t *Timeline) group(id domain.ID) string {
	if title := t.conversations[id].title; title != "" {
		return strconv.Quote(title)
	}
	return "the group " + id.String()
}

func (t *Timeline) sent(e *domain.Event, d *domain.MessageSent) string {
	text := t.words(d.SenderID, t.to(d), d.Content, d.Erased)
	if d.RiskScore > 0 {
		text += "   " + risk(d.RiskScore)
	}
	if names(e.Metadata, `"actor_id":`, d.SenderID) {
		return text
	}
	if m, err := domain.ParseMetadata(e.Metadata); err == nil && m.ActorID != nil {
		text += "   released by " + t.user(*m.ActorID)
	}
	return text
}

// to is whom or where a message was sent.
func (t *Timeline) to(d *domain.MessageSent) string {
	switch p := t.conversations[d.ConversationID]; {
	case d.ReceiverID != nil:
		return t.user(*d.ReceiverID)
	case p.direct[0] == d.SenderID && !d.SenderID.IsZero():
		return t.user(p.direct[1])
	case p.direct[1] == d.SenderID && !d.SenderID.IsZero():
		return t.user(p.direct[0])
	}
	return t.group(d.ConversationID)
}

func (t *Timeline) words(sender domain.ID, to, content string, erased bool) string {
	if erased {
		return t.user(sender) + " → " + to + "   (erased)"
	}
	return t.user(sender) + " → " + to + "   " + strconv.Quote(content)
}

// acknowledged is the message of a receipt, and how long after it the receipt came.
func (t *Timeline) acknowledged(message domain.ID, e *domain.Event) string {
	m, ok := t.message(message)
	if !ok {
		return "the message " + message.String()
	}
	return t.it(message, m.position) + " after " + span(e.RecordedAt.Sub(m.at))
}

// it is a message: where only one is told of, it needs no name.
func (t *Timeline) it(message domain.ID, at domain.Position) string {
	if message == t.filter.Message {
		return "it"
	}
	return positionOf(at)
}
