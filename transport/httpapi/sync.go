package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/frame"
)

// A page of a sync ends before the position with which it would be larger than either, unless that is its first. Counts
// that come late, at its end, do not matter for that.
const (
	maxSyncItems = 500
	maxSyncBytes = 1 << 20
)

// missed is a page of what a user missed.
type missed struct {
	Items    []pushedFrame   `json:"items" nullable:"false" doc:"the frames in order of position, each as it is pushed on a socket"`
	Position domain.Position `json:"position" doc:"where to go on: nothing up to it is left out"`
	More     bool            `json:"more" doc:"whether there is more: ask again, with position as since"`
}

// pushedFrame is a frame as it is pushed.
type pushedFrame json.RawMessage

// MarshalJSON implements json.Marshaler.
func (f pushedFrame) MarshalJSON() ([]byte, error) { return f, nil }

// Schema implements huma.SchemaProvider.
func (pushedFrame) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeObject, Description: "a frame, as /asyncapi.json describes it",
		Properties: map[string]*huma.Schema{
			"type": {Type: huma.TypeString, Description: "which frame it is", Examples: []any{"chat_message"}},
		},
		Required: []string{"type"}, AdditionalProperties: &huma.Schema{Description: "the fields of that frame"},
	}
}

func (a *api) syncs() {
	registerFrom(a, a.fromView(), huma.Operation{
		OperationID: "sync", Method: http.MethodGet, Path: "/api/sync", Tags: []string{"sync"},
		Summary: "What one missed, as frames",
		Description: "Everything that a connected client would have been pushed after a position, one's own messages included. " +
			"A page has at most 500 frames or 1 MiB, but never a part of what one position has.",
		Errors: []int{http.StatusUnprocessableEntity},
	}, a.sync)
}

type syncInput struct {
	Since number `query:"since" required:"true" doc:"a position: that of the last page, frame, synced, heartbeat or Chainmail-Position"`
	LogID string `query:"log_id" doc:"the log that the position is of, as authenticated names it: another log's is refused"`
}

func (a *api) sync(ctx context.Context, c *call, in *syncInput) (*answer[missed], error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	upTo, err := a.reachable(ctx, in)
	if err != nil {
		return nil, err
	}
	page, err := a.missedBy(ctx, c.user(), domain.Position(in.Since.value), upTo)
	if err != nil {
		return nil, err
	}
	c.at(page.Position)
	return ok(page), nil
}

// reachable returns up to where there is something to show, or says what is wrong with a since.
func (a *api) reachable(ctx context.Context, in *syncInput) (upTo domain.Position, err error) {
	if !in.Since.given {
		return 0, missing("since")
	}
	if id, err := domain.ParseID(in.LogID); in.LogID != "" && (err != nil || id != a.LogID) {
		return 0, newProblem(frame.InvalidField, "log_id", "log_id is not that of this log: its positions mean nothing here")
	}
	since := domain.Position(in.Since.value)
	if upTo = a.Log.Head(); since > upTo {
		if upTo, err = a.Log.Fresh(ctx); err != nil {
			return 0, err
		}
	}
	if since > upTo {
		return 0, beyondHead(upTo)
	}
	return upTo, a.await(ctx, a.View.Wait, upTo)
}

func beyondHead(head domain.Position) *Problem {
	return invalid("since", "is beyond the log's head, "+strconv.FormatInt(int64(head), 10))
}

var errPageFull = errors.New("the page is full")

// missedBy collects a page. When there is more than fits, it ends at an earlier position, and what there is up to there is
// asked for again: counts of receipts are those at the end of what is asked for, and some come last.
func (a *api) missedBy(ctx context.Context, user domain.ID, since, upTo domain.Position) (missed, error) {
	for more := false; ; more = true {
		page, end, err := a.missedUpTo(ctx, user, since, upTo)
		if page.More = more; !errors.Is(err, errPageFull) {
			return page, err
		}
		// A count that came after the new end may now come before it, and fill the page again. Then half of the way is enough:
		// to give up no more than was too much would take as many passes as a message has receipts. One position always fits.
		if more {
			end = min(end, since+(upTo-since)/2)
		}
		upTo = end
	}
}

// missedUpTo collects what was missed up to a position. If that is more than a page, the error is errPageFull, and end is
// the last position with which it fitted. At upTo itself only the first frame has to fit: counts that were due at since, but
// perhaps not pushed any more, come there wherever it is, so that an earlier end would not make them fewer.
func (a *api) missedUpTo(
	ctx context.Context, user domain.ID, since, upTo domain.Position,
) (page missed, end domain.Position, err error) {
	page = missed{Items: []pushedFrame{}, Position: upTo}
	var last domain.Position // of the frames so far; end is the one before, 0 for none
	var size int
	err = a.Pushes.CatchUp(ctx, user, since, upTo, func(at domain.Position, _ domain.ID, frame []byte) error {
		bounded := at > last || at < upTo
		if at > last {
			end, last = last, at
		}
		size += len(frame)
		if bounded && end > 0 && (len(page.Items) >= maxSyncItems || size > maxSyncBytes) {
			return errPageFull
		}
		page.Items = append(page.Items, frame)
		return nil
	})
	return page, end, err
}
