package httpapi

import (
	"context"
	"database/sql"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
)

// history is a page of a conversation: messages and changes, in ascending seq.
type history struct {
	Items      frames  `json:"items"`
	NextCursor *string `json:"next_cursor" doc:"what to send as cursor for the next page in the same direction; null on the last"`
}

// frames are pastMessage and change.
type frames []any

// Schema implements huma.SchemaProvider.
func (frames) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{OneOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[pastMessage](), true, ""),
		r.Schema(reflect.TypeFor[change](), true, ""),
	}}}
}

// pastMessage is a message in a history.
type pastMessage struct {
	Message
	Receipts []receipt `json:"receipts" nullable:"false"`
}

type historyInput struct {
	ID domain.ID `path:"id"`
	Paging
	Before number `query:"before" doc:"a seq: the page that ends before it"`
	After  number `query:"after" doc:"a seq: the page that begins after it"`
}

// window is a part of a history to look at: from first to last, from the end unless forward.
type window struct {
	first, last domain.Seq
	forward     bool
}

func (in *historyInput) window() (window, error) {
	w := window{first: 0, last: math.MaxInt64}
	if in.After.given {
		w.first, w.forward = domain.Seq(min(in.After.value, math.MaxInt64-1)+1), true
	}
	if in.Before.given {
		w.last = domain.Seq(in.Before.value - 1)
	}
	place, err := readCursor(historyName(in.ID), in.Cursor)
	if err != nil || place == "" {
		return w, err
	}
	direction, text, _ := strings.Cut(place, " ")
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return window{}, badCursor()
	}
	if w.forward = direction == "after"; w.forward {
		w.first = domain.Seq(seq + 1)
	} else {
		w.last = domain.Seq(seq - 1)
	}
	return w, nil
}

// next is the cursor of the page behind one that ends at the seq.
func (w window) next(conversation domain.ID, end domain.Seq) *string {
	direction := "before"
	if w.forward {
		direction = "after"
	}
	return makeCursor(historyName(conversation), direction+" "+strconv.FormatInt(int64(end), 10))
}

func historyName(conversation domain.ID) string { return "history " + conversation.String() }

func (a *api) history(ctx context.Context, c *call, in *historyInput) (*answer[history], error) {
	limit, err := in.limit()
	if err != nil {
		return nil, err
	}
	w, err := in.window()
	if err != nil {
		return nil, err
	}
	var page history
	err = a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) error {
		seen, err := spansSeen(ctx, tx, c, in.ID)
		if err != nil {
			return err
		}
		places, more, err := placesIn(ctx, tx, in.ID, clip(seen, w), w.forward, limit)
		if err != nil {
			return err
		}
		if more {
			page.NextCursor = w.next(in.ID, places[limit-1].seq)
		}
		if !w.forward {
			slices.Reverse(places)
		}
		page.Items, err = show(ctx, tx, c, in.ID, places)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ok(page), nil
}

// show makes frames of places, in their order.
func show(
	ctx context.Context, tx *sql.Tx, c *call, conversation domain.ID, places []place,
) (frames, error) {
	var ids []domain.ID
	changed := false
	for _, p := range places {
		if p.change == nil {
			ids = append(ids, p.message)
		}
		changed = changed || p.change != nil
	}
	found, err := messagesByID(ctx, tx, c, ids)
	if err != nil {
		return nil, err
	}
	receipts, err := receiptsOf(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	messages := make(map[domain.ID]pastMessage, len(found))
	for _, m := range found {
		messages[m.ID] = pastMessage{m.Message, listed(receipts[m.ID])}
	}
	if changed {
		if err := addParticipantIDs(ctx, tx, conversation, places); err != nil {
			return nil, err
		}
	}
	items := make(frames, len(places))
	for i, p := range places {
		if items[i] = p.change; p.change == nil {
			items[i] = messages[p.message]
		}
	}
	return items, nil
}
