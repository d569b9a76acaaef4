package history

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"chainmail/domain"
)

// frame has the fields of all frames that are compared.
type frame struct {
	Type           string          `json:"type"`
	Position       domain.Position `json:"position"`
	Seq            domain.Seq      `json:"seq"`
	MessageID      domain.ID       `json:"message_id"`
	ConversationID domain.ID       `json:"conversation_id"`
	SenderID       domain.ID       `json:"sender_id"`
	UserID         domain.ID       `json:"user_id"`
	ClientID       *string         `json:"client_message_id"`
	ContentHash    string          `json:"content_hash"`
	Content        *string         `json:"content"`
	Salt           *string         `json:"salt"`
	Status         string          `json:"status"`
	Change         string          `json:"change"`
	Code           string          `json:"code"`
	Field          string          `json:"field"`
	Duplicate      bool            `json:"duplicate"`
	DeliveredCount *int            `json:"delivered_count"`
	Online         bool            `json:"online"`
	IsTyping       bool            `json:"is_typing"`
	Ref            json.RawMessage `json:"ref"`
}

// Unparsed is the type of an entry that stands for what is no frame; its Code says why.
const Unparsed = "unparsed"

// Parse makes an entry of a frame that came. What is no frame gets an entry of type Unparsed.
func Parse(raw []byte, at time.Duration) Entry {
	var f frame
	if err := json.Unmarshal(raw, &f); err != nil {
		return Entry{Kind: Received, At: at, Type: Unparsed, Code: fmt.Sprintf("%.200q: %v", raw, err)}
	}
	e := Entry{
		Kind: Received, At: at, Type: f.Type, Position: f.Position, Seq: f.Seq, Message: f.MessageID, Conversation: f.ConversationID,
		User: f.UserID, Hash: f.ContentHash, Status: f.Status, Code: f.Code, Field: f.Field, Duplicate: f.Duplicate,
		Counts: f.DeliveredCount != nil, Ref: string(f.Ref), On: f.Online || f.IsTyping,
	}
	if f.ClientID != nil {
		e.ClientID = *f.ClientID
	}
	switch f.Type {
	case "chat_message":
		e.User = f.SenderID
		e.Words = words(f.Content, f.Salt, f.ContentHash)
	case "typing_indicator":
		e.User = f.SenderID
	case "conversation":
		e.Status = f.Change
	}
	return e
}

// words holds a content against its hash: SHA-256 over the salt's bytes followed by the content's.
func words(content, salt *string, hash string) Words {
	if content == nil {
		return NoWords
	}
	if salt == nil {
		return FalsedWords
	}
	raw, err := hex.DecodeString(*salt)
	sum := sha256.Sum256(append(raw, *content...))
	if err != nil || hex.EncodeToString(sum[:]) != hash {
		return FalsedWords
	}
	return TrueWords
}
