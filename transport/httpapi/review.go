package httpapi

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/frame"
)

// blockedMessage is a message that the guard kept from being sent, as an admin reviews it.
type blockedMessage struct {
	ID              domain.ID           `json:"id"`
	ConversationID  *domain.ID          `json:"conversation_id" nullable:"true" doc:"where it was to go; null where the two had no direct conversation yet"`
	SenderID        domain.ID           `json:"sender_id"`
	ReceiverID      *domain.ID          `json:"receiver_id" nullable:"true" doc:"null in a group"`
	ClientMessageID *string             `json:"client_message_id"`
	Content         *string             `json:"content" doc:"null once erased"`
	ContentHash     string              `json:"content_hash"`
	RiskScore       float64             `json:"risk_score" minimum:"0" maximum:"1"`
	Reasons         []string            `json:"reasons" nullable:"false" doc:"the names of the guard's rules, the weightiest first"`
	Evidence        []domain.RiskReason `json:"evidence" nullable:"false" doc:"the reasons with what each adds: the score is 1 - Π(1 - weight)"`
	Model           opinionOrNull       `json:"model"`
	PolicyHash      string              `json:"policy_hash" doc:"SHA-256 of the policy that it was judged by, in hex"`
	Position        int64               `json:"position"`
	CreatedAt       instant             `json:"created_at"`
	ErasedAt        instantOrNull       `json:"erased_at"`
	ReleasedAt      instantOrNull       `json:"released_at" doc:"null while it is not released"`
	ReleasedBy      *domain.ID          `json:"released_by" nullable:"true" doc:"the admin; null while it is not released"`
	ReleasedID      *domain.ID          `json:"released_id" nullable:"true" doc:"the message that it was sent as"`
}

func (m blockedMessage) at() int64 { return m.Position }

// opinionOrNull is what a language model said, or null where none was asked.
type opinionOrNull struct{ opinion *domain.ModelOpinion }

// MarshalJSON implements json.Marshaler.
func (o opinionOrNull) MarshalJSON() ([]byte, error) { return encode(o.opinion), nil }

// Schema implements huma.SchemaProvider.
func (opinionOrNull) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{
		OneOf:       []*huma.Schema{r.Schema(reflect.TypeFor[domain.ModelOpinion](), true, ""), {Type: "null"}},
		Description: "what a language model said; null when none was asked",
	}
}

func (a *api) review() {
	tags := []string{"guard"}
	register(a, huma.Operation{
		OperationID: "list-blocked-messages", Method: http.MethodGet, Path: "/api/guard/blocked", Tags: tags,
		Summary:     "The messages that the guard kept from being sent, newest first",
		Description: "For admins.",
		Errors:      []int{http.StatusForbidden, http.StatusUnprocessableEntity},
	}, a.listBlocked)
	register(a, huma.Operation{
		OperationID: "release-message", Method: http.MethodPost, Path: "/api/guard/blocked/{id}/release", Tags: tags,
		Summary: "Send a blocked message after all",
		Description: "For admins. It is sent in its sender's name as a new message with an id of its own. 409 when it was released before, " +
			"when it was erased, and when its sender could not send it any more.",
		DefaultStatus: http.StatusCreated,
		Errors:        []int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests},
	}, a.release)
}

// mayReview refuses everybody but admins.
func (c *call) mayReview() error {
	if !c.admin {
		return newProblem(frame.Forbidden, "", "only an admin reviews blocked messages")
	}
	return nil
}

func (a *api) listBlocked(ctx context.Context, c *call, in *Paging) (*answer[list[blockedMessage]], error) {
	if err := c.mayReview(); err != nil {
		return nil, err
	}
	return newest(ctx, a, c, "blocked messages", in, readBlocked)
}

//go:embed sql/blocked.sql
var blockedSQL string

// readBlocked reads the newest blocked messages before a position.
func readBlocked(ctx context.Context, tx *sql.Tx, before int64, limit int) ([]blockedMessage, error) {
	rows, err := tx.QueryContext(ctx, blockedSQL, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list blocked messages: %w", err)
	}
	defer rows.Close()
	found := []blockedMessage{}
	for rows.Next() {
		m, err := scanBlocked(rows)
		if err != nil {
			return nil, fmt.Errorf("list blocked messages: %w", err)
		}
		found = append(found, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list blocked messages: %w", err)
	}
	return found, nil
}

func scanBlocked(rows *sql.Rows) (blockedMessage, error) {
	var (
		m                blockedMessage
		reasons, model   []byte
		created          time.Time
		erased, released sql.NullTime
	)
	err := rows.Scan(&m.ID, &m.ConversationID, &m.SenderID, &m.ReceiverID, &m.ClientMessageID, &m.Content, &m.ContentHash,
		&m.RiskScore, &reasons, &model, &m.PolicyHash, &m.Position, &created, &erased, &released, &m.ReleasedBy, &m.ReleasedID)
	if err != nil {
		return blockedMessage{}, err
	}
	m.CreatedAt, m.ErasedAt, m.ReleasedAt = instant(created), instantOrNull(erased.Time), instantOrNull(released.Time)
	if err := json.Unmarshal(reasons, &m.Evidence); err != nil {
		return blockedMessage{}, fmt.Errorf("reasons of %s: %w", m.ID, err)
	}
	m.Reasons = domain.RuleNames(m.Evidence)
	if model == nil {
		return m, nil
	}
	if err := json.Unmarshal(model, &m.Model.opinion); err != nil {
		return blockedMessage{}, fmt.Errorf("the model's opinion of %s: %w", m.ID, err)
	}
	return m, nil
}

func (a *api) release(ctx context.Context, c *call, in *struct {
	ID domain.ID `path:"id"`
}) (*answer[sentMessage], error) {
	if err := c.mayReview(); err != nil {
		return nil, err
	}
	if err := a.allow(a.Limits.Changes, c, 1); err != nil {
		return nil, err
	}
	sent, err := a.Commands.Release(ctx, c.actor, in.ID)
	if err != nil {
		return nil, err
	}
	c.at(sent.Position)
	return created(describeSent(sent)), nil
}
