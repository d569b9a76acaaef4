package httpapi_test

import (
	"slices"

	"chainmail/domain"
)

// flood stores messages without asking anybody, and returns their ids.
func (w *world) flood(sender *person, conversation domain.ID, n int, content string) []domain.ID {
	w.t.Helper()
	hash := domain.ContentHash(domain.Salt{}, content)
	ids, drafts := make([]domain.ID, n), make([]domain.Draft, n)
	for i := range ids {
		ids[i] = newID()
		drafts[i] = domain.Draft{Stream: domain.ConversationStream(conversation), Data: &domain.MessageSent{
			MessageID: ids[i], ConversationID: conversation, SenderID: sender.id, Content: content, ContentHash: hash,
		}}
	}
	w.store(sender, drafts)
	return ids
}

// floodRead stores that somebody has read messages, without asking anybody.
func (w *world) floodRead(reader, sender *person, conversation domain.ID, messages []domain.ID) {
	w.t.Helper()
	drafts := make([]domain.Draft, len(messages))
	for i, message := range messages {
		drafts[i] = domain.Draft{Stream: domain.ReceiptStream(conversation), Data: &domain.MessageRead{
			MessageID: message, ConversationID: conversation, SenderID: sender.id, UserID: reader.id,
		}}
	}
	w.store(reader, drafts)
}

// store appends each draft by itself.
func (w *world) store(actor *person, drafts []domain.Draft) {
	w.t.Helper()
	for chunk := range slices.Chunk(drafts, 100) {
		decisions := make([]domain.Decision, len(chunk))
		for i := range chunk {
			decisions[i] = domain.Decision{Actor: domain.Actor{ID: actor.id, Auth: domain.AuthToken}, Drafts: chunk[i : i+1]}
		}
		if _, err := w.log.Append(w.t.Context(), decisions...); err != nil {
			w.t.Fatal(err)
		}
	}
}
