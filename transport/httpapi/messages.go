package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/command"
	"chainmail/transport/frame"
)

func (a *api) messages() {
	tags := []string{"messages"}
	register(a, huma.Operation{
		OperationID: "get-history", Method: http.MethodGet, Path: "/api/conversations/{id}/messages", Tags: tags,
		Summary:     "The history of a conversation, as far as one saw it",
		Description: "The newest page, unless after or before is given.",
		Errors:      []int{http.StatusNotFound},
	}, a.history)
	register(a, huma.Operation{
		OperationID: "send-message", Method: http.MethodPost, Path: "/api/conversations/{id}/messages", Tags: tags,
		Summary: "Send a message",
		Description: "A repeat with the same Idempotency-Key and content is 200 and stores nothing. " +
			"What the guard blocks is 422 with the fields of the frame warning, and so is its repeat.",
		DefaultStatus: http.StatusCreated,
		Responses:     orElse[sentMessage](a),
		Errors:        []int{http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests},
	}, a.send)
	orBlocked[warning](a, "/api/conversations/{id}/messages")
	register(a, huma.Operation{
		OperationID: "get-message", Method: http.MethodGet, Path: "/api/messages/{id}", Tags: tags,
		Summary: "A message", Errors: []int{http.StatusNotFound},
		Description: "For those who took part in the conversation when it was sent. One that was blocked is shown to its sender and to admins.",
	}, a.messageByID)
	register(a, huma.Operation{
		OperationID: "read-messages", Method: http.MethodPost, Path: "/api/messages/read", Tags: tags,
		Summary:     "Say that messages were read",
		Description: "As the frame read. What was read before stays so, and nobody hears of it again. Of several messages those that can be are read, also where the answer names one that cannot.",
		Errors:      []int{http.StatusNotFound, http.StatusTooManyRequests},
	}, a.readMessages)
	register(a, huma.Operation{
		OperationID: "erase-message", Method: http.MethodDelete, Path: "/api/messages/{id}/content", Tags: tags,
		Summary:     "Erase the content of a message for good",
		Description: "Its sender may, and admins.",
		Errors:      []int{http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests},
	}, a.erase)
}

type readMessagesBody struct {
	MessageIDs []domain.ID `json:"message_ids" doc:"a list of UUIDs: the messages that were read" nullable:"false" minItems:"1" maxItems:"500"`
}

func (a *api) readMessages(ctx context.Context, c *call, in *struct {
	Body payload[readMessagesBody]
}) (*struct{}, error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	const field = "message_ids"
	switch n := len(body.MessageIDs); {
	case n == 0:
		return nil, invalid(field, "is empty: name at least one message")
	case n > frame.MaxMessageIDs:
		return nil, newProblem(frame.TooLarge, field,
			field+" has "+strconv.Itoa(n)+" ids: send at most "+strconv.Itoa(frame.MaxMessageIDs))
	}
	if err := a.allow(a.Limits.Receipts, c, 1+(len(body.MessageIDs)-1)/receiptsAtOnce); err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	// What was begun is finished, whether or not the client stays to hear of it.
	read := command.Acknowledge{Actor: c.actor, Messages: body.MessageIDs, Read: true, Field: field}
	a.Commands.Acknowledge(context.WithoutCancel(ctx), read,
		func(domain.ID, domain.Position) {}, func(err error) { done <- err })
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	c.at(a.Log.Head())
	return nil, nil
}

type eraseBody struct {
	Reason domain.Reason `json:"reason" doc:"a string: why, for the log" enum:"sender,moderation,legal,privacy"`
}

func (a *api) erase(ctx context.Context, c *call, in *struct {
	ID   domain.ID `path:"id"`
	Body payload[eraseBody]
}) (*struct{}, error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	return nil, a.change(c, func() (command.Done, error) { return a.Commands.Erase(ctx, c.actor, in.ID, body.Reason) })
}
