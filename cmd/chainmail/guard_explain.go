package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections"
)

type guardExplain struct {
	commonFlags
	Message string `arg:"" help:"The message's id."`
	JSON    bool   `help:"Print JSON."`
}

func (c *guardExplain) Help() string {
	return "Tells what the guard thought of a message and why: score, reasons, the policy and the classifier that judged, and what a language" +
		" model said. What is still there is judged again by the recorded policy, to show what each rule found.\n\n" +
		"Example:\n  chainmail guard explain 01890a5d-ac96-774b-bcce-b302099a8057"
}

// Run explains.
func (c *guardExplain) Run(ctx context.Context, s streams) (err error) {
	id, err := domain.ParseID(c.Message)
	if err != nil {
		return err
	}
	open, err := openReading(ctx, &c.commonFlags, c.logger(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, open.close()) }()
	at, err := findMessage(ctx, open.log, id)
	if err != nil {
		return err
	}
	if at == 0 {
		return finding{fmt.Errorf("there is no message %s", id)}
	}
	e, err := explain(ctx, open.log, at)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, e)
	}
	if err := e.findPeople(ctx); err != nil {
		return err
	}
	return e.print(s.out)
}

// findMessage returns the position of the event that sent or blocked a message, 0 if there is none. The state tables know,
// and the log knows what they have not read yet: no server may be running.
func findMessage(ctx context.Context, log *eventstore.Log, id domain.ID) (domain.Position, error) {
	var at domain.Position
	after, err := messagesOffset(ctx, log)
	if err != nil {
		return 0, err
	}
	err = log.DB().QueryRowContext(ctx, `
		SELECT position
		FROM messages
		WHERE id = $1`, id.String()).Scan(&at)
	if !errors.Is(err, sql.ErrNoRows) {
		return at, err
	}
	for {
		events, err := log.Read(ctx, after, tryPage)
		if err != nil || len(events) == 0 {
			return 0, err
		}
		for i := range events {
			if says(&events[i], id) {
				return events[i].Position, nil
			}
		}
		after = events[len(events)-1].Position
	}
}

// messagesOffset is how far the state tables are.
func messagesOffset(ctx context.Context, log *eventstore.Log) (domain.Position, error) {
	all, err := projections.ReadStatus(ctx, log.DB())
	if err != nil {
		return 0, err
	}
	for _, status := range all {
		if status.Projection == messagesProjection {
			return status.Position, nil
		}
	}
	return 0, nil // no server was ever started
}

// says reports whether an event sent or blocked this message.
func says(e *domain.Event, id domain.ID) bool {
	if e.Type != domain.TypeMessageSent && e.Type != domain.TypeMessageBlocked {
		return false
	}
	data, err := domain.Decode(*e)
	switch m := data.(type) {
	case *domain.MessageSent:
		return err == nil && m.MessageID == id
	case *domain.MessageBlocked:
		return err == nil && m.MessageID == id
	}
	return false
}
