package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
)

// openSession is a login that goes on.
type openSession struct {
	ID         domain.ID   `json:"id"`
	Auth       domain.Auth `json:"auth" doc:"how it began"`
	UserAgent  string      `json:"user_agent" doc:"what the program that logged in called itself"`
	CreatedAt  instant     `json:"created_at"`
	LastUsedAt instant     `json:"last_used_at" doc:"when it last got tokens"`
	ExpiresAt  instant     `json:"expires_at" doc:"unless it gets tokens before"`
	Current    bool        `json:"current" doc:"the one of this call's token"`
}

func (a *api) sessions() {
	if a.Login == nil {
		return
	}
	tags := []string{"login"}
	register(a, huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/api/sessions", Tags: tags,
		Summary: "One's sessions, the one used last first", Description: "All of them: a user has 100 at most.",
	}, a.listSessions)
	register(a, huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: "/api/sessions/{id}", Tags: tags,
		Summary: "End one of one's sessions", Description: "Its tokens are refused from then on, and its connections are closed.",
		Errors: []int{http.StatusNotFound, http.StatusTooManyRequests},
	}, a.endSession)
}

func (a *api) listSessions(ctx context.Context, c *call, _ *struct{}) (*answer[list[openSession]], error) {
	found, err := a.Login.Sessions.List(ctx, c.user())
	if err != nil {
		return nil, err
	}
	items := make([]openSession, len(found))
	for i, s := range found {
		items[i] = openSession{
			ID: s.ID, Auth: s.Auth, UserAgent: s.UserAgent, CreatedAt: instant(s.CreatedAt),
			LastUsedAt: instant(s.LastUsedAt), ExpiresAt: instant(s.ExpiresAt), Current: s.ID == c.actor.SessionID,
		}
	}
	return ok(list[openSession]{Items: items}), nil
}

func (a *api) endSession(ctx context.Context, c *call, in *struct {
	ID domain.ID `path:"id"`
}) (*struct{}, error) {
	if err := a.allow(a.Limits.Changes, c, 1); err != nil {
		return nil, err
	}
	ended, err := a.Login.Sessions.EndOf(ctx, c.user(), in.ID)
	if err == nil && !ended {
		err = newProblem(codeNotFound, "id", "you have no such session")
	}
	return nil, err
}
