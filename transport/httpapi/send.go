package httpapi

import (
	"context"

	"chainmail/domain"
	"chainmail/transport/command"
)

// sentMessage has the fields of the frame message_sent.
type sentMessage struct {
	ID              domain.ID  `json:"id"`
	MessageID       domain.ID  `json:"message_id" doc:"as id: its name in frames"`
	ClientMessageID *string    `json:"client_message_id"`
	ConversationID  domain.ID  `json:"conversation_id"`
	Seq             domain.Seq `json:"seq"`
	Position        int64      `json:"position"`
	ContentHash     string     `json:"content_hash"`
	Salt            *string    `json:"salt" doc:"null once erased"`
	RiskScore       float64    `json:"risk_score" minimum:"0" maximum:"1"`
	Timestamp       instant    `json:"timestamp"`
	Duplicate       bool       `json:"duplicate" doc:"it was sent before, under the same Idempotency-Key"`
}

type sendBody struct {
	Content string `json:"content" doc:"a string: the words, at most 10,240 bytes of UTF-8, not all white space" minLength:"1" maxLength:"10240" example:"See you at eight."`
}

type sendInput struct {
	ID             domain.ID `path:"id"`
	IdempotencyKey string    `header:"Idempotency-Key" maxLength:"64" doc:"a client_message_id: what makes a repeat harmless"`
	Body           payload[sendBody]
}

func (a *api) send(ctx context.Context, c *call, in *sendInput) (*answer[sentMessage], error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	if refusal := domain.CheckContent(body.Content); refusal != nil {
		return nil, refusal
	}
	if err := checkKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	if err := a.allow(a.Limits.Messages, c, 1); err != nil {
		return nil, err
	}
	sent, err := a.sendAndWait(ctx, command.Send{
		Actor: c.actor, ConversationID: in.ID, Content: body.Content, ClientMessageID: in.IdempotencyKey,
	})
	if err != nil {
		return nil, err
	}
	c.at(sent.Position)
	if sent.Duplicate {
		return ok(describeSent(sent)), nil
	}
	return created(describeSent(sent)), nil
}

// sendAndWait waits as long as the client does. A message that is on its way is stored even when he goes.
func (a *api) sendAndWait(ctx context.Context, send command.Send) (command.Sent, error) {
	type outcome struct {
		sent command.Sent
		err  error
	}
	done := make(chan outcome, 1)
	a.Commands.Send(context.WithoutCancel(ctx), send, func(domain.ID) {}, func(sent command.Sent, err error) {
		done <- outcome{sent, err}
	})
	select {
	case o := <-done:
		return o.sent, o.err
	case <-ctx.Done():
		return command.Sent{}, ctx.Err()
	}
}

func describeSent(s command.Sent) sentMessage {
	m := sentMessage{
		ID: s.MessageID, MessageID: s.MessageID, ConversationID: s.ConversationID, Seq: s.Seq,
		Position: int64(s.Position), ContentHash: s.ContentHash, RiskScore: s.RiskScore,
		Timestamp: instant(s.At), Duplicate: s.Duplicate,
	}
	if s.ClientMessageID != "" {
		m.ClientMessageID = &s.ClientMessageID
	}
	if !s.Erased {
		m.Salt = hexOrNil(s.Salt[:])
	}
	return m
}
