package ws

import (
	"context"
	"errors"
	"log/slog"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/command"
	"chainmail/transport/frame"
)

const restartReason = "restart: reconnect with since"

// handle does what a frame asks for, or refuses it.
func (c *conn) handle(f *frame.Frame, bad *frame.Error) {
	if bad != nil {
		c.refuse(bad)
		return
	}
	switch f.Type {
	case frame.ChatMessage:
		c.send(f)
	case frame.Delivered, frame.Read:
		c.acknowledge(f)
	case frame.Typing:
		c.typed(f)
	case frame.Ping:
		c.out.answer(&frame.Pong{Ref: f.Ref, Timestamp: c.server.now()})
		c.spend()
	case frame.Sync:
		c.sync(f)
	case frame.Authenticate:
		c.authenticate(f)
	case frame.Subscribe, frame.Unsubscribe:
		c.subscribe(f)
	}
}

// send hands a message over. The answer comes when it is durable.
func (c *conn) send(f *frame.Frame) {
	if !c.allow(c.server.messages, 1, f, "messages") || !c.begin(1) {
		return
	}
	ref, clientID := f.Ref, f.ClientMessageID
	var id domain.ID
	c.server.config.Commands.Send(c.server.ctx, command.Send{
		Actor: c.actor, ConversationID: f.ConversationID, ReceiverID: f.ReceiverID,
		Content: f.Content, ClientMessageID: clientID,
	}, func(message domain.ID) {
		id = message
		c.out.begins(message, c.server.config.Log.Head())
	}, func(m command.Sent, err error) {
		c.sent(id, m, err, ref, clientID)
		c.answered(1)
	})
}

// sent answers a message. It runs in the goroutine of the sender's lane.
func (c *conn) sent(id domain.ID, m command.Sent, err error, ref, clientID string) {
	if err != nil || m.Duplicate {
		c.out.stored(id, 0)
	} else {
		c.out.stored(id, m.Position)
	}
	if err != nil {
		c.failed(err, ref, clientID)
		return
	}
	answer := frame.MessageSent{
		Ref: ref, MessageID: m.MessageID, ClientMessageID: m.ClientMessageID, ConversationID: m.ConversationID,
		Seq: m.Seq, Position: m.Position, ContentHash: m.ContentHash, Salt: m.Salt,
		RiskScore: m.RiskScore, Timestamp: m.At, Duplicate: m.Duplicate,
	}
	if m.Erased {
		answer.Salt = domain.Salt{}
	}
	c.out.answer(&answer)
}

// acknowledge hands receipts over. Only what goes wrong is answered.
func (c *conn) acknowledge(f *frame.Frame) {
	count := len(f.MessageIDs)
	if !c.allow(c.server.receipts, (count+receiptsAtOnce-1)/receiptsAtOnce, f, "receipts") || !c.begin(count) {
		return
	}
	ref, each := f.Ref, func(domain.ID, domain.Position) {}
	if f.Type == frame.Read {
		head := c.server.config.Log.Head()
		for _, message := range f.MessageIDs {
			c.out.begins(c.readOf(message), head)
		}
		each = func(message domain.ID, at domain.Position) { c.out.stored(c.readOf(message), at) }
	}
	wish := command.Acknowledge{Actor: c.actor, Messages: f.MessageIDs, Read: f.Type == frame.Read, Field: f.MessagesField}
	c.server.config.Commands.Acknowledge(c.server.ctx, wish, each, func(err error) {
		if err != nil {
			c.failed(err, ref, "")
		}
		c.answered(count)
	})
}

// readOf is the origin of the push that comes of reading a message.
func (c *conn) readOf(message domain.ID) domain.ID { return domain.ID(domain.ReadKey(message, c.user)) }

// refuse answers a frame that did nothing.
func (c *conn) refuse(e *frame.Error) {
	c.out.answer(e)
	c.spend()
}

// failed tells the client why a command was not done: the one table of errors and what they are outside.
func (c *conn) failed(err error, ref, clientID string) {
	e := frame.Error{Ref: ref, ClientMessageID: clientID}
	var refusal *domain.Refusal
	var blocked *command.Blocked
	switch {
	case errors.As(err, &blocked):
		c.out.answer(&frame.Warning{
			Ref: ref, Message: blocked.Message, MessageID: blocked.MessageID, ClientMessageID: blocked.ClientMessageID,
			RiskScore: blocked.RiskScore, Reasons: blocked.Reasons, Position: blocked.Position,
		})
		return
	case errors.As(err, &refusal) && refusal.Code != domain.UserNotFound && refusal.Code != domain.Conflict:
		e.Code, e.Field, e.Message = frame.Code(refusal.Code), refusal.Field, refusal.Message
	case errors.Is(err, eventstore.ErrUnknown), errors.Is(err, context.Canceled):
		c.out.close(codeRestart, "it is not known whether a message was stored: send it again")
		return
	case errors.Is(err, eventstore.ErrUnavailable):
		e.Code, e.Message = frame.Unavailable, "the database is away; nothing was stored: try again"
	default:
		c.logger().Error("a frame was not handled", slog.Any("error", err))
		e.Code, e.Message = frame.Internal, "something went wrong on the server"
	}
	c.out.answer(&e)
}
