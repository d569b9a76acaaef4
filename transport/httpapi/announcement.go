package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/command"
)

// announcement is what everybody was told.
type announcement struct {
	ID        domain.ID `json:"id"`
	Title     string    `json:"title"`
	Message   string    `json:"message" doc:"what is told"`
	Position  int64     `json:"position" doc:"of its event"`
	Timestamp instant   `json:"timestamp"`
}

func (a *api) announcements() {
	register(a, huma.Operation{
		OperationID: "announce", Method: http.MethodPost, Path: "/api/announcements", Tags: []string{"notifications"},
		Summary:       "Tell everybody something",
		Description:   "For admins and services. Every connection is pushed the frame announcement.",
		DefaultStatus: http.StatusCreated,
		Responses:     orElse[announcement](a),
		Errors:        []int{http.StatusForbidden, http.StatusTooManyRequests},
	}, a.announce)
}

type announcementBody struct {
	Title   string `json:"title" doc:"a string: what it is about" minLength:"1" maxLength:"200" example:"Maintenance"`
	Message string `json:"message" doc:"a string: what is told" minLength:"1" maxLength:"2000" example:"On Sunday from 8 to 9 the server is away."`
}

func (a *api) announce(ctx context.Context, c *call, in *making[announcementBody]) (*answer[announcement], error) {
	if err := c.mayTell(); err != nil {
		return nil, err
	}
	return once(a, c, in, a.Limits.Notices, 1, func(body announcementBody) (command.Made[*domain.AnnouncementMade], error) {
		return a.Commands.Announce(ctx, c.actor, command.Announcement(body), in.IdempotencyKey)
	}, newAnnouncement)
}

func newAnnouncement(m command.Made[*domain.AnnouncementMade]) announcement {
	return announcement{
		ID: m.Data.AnnouncementID, Title: m.Data.Title, Message: m.Data.Message,
		Position: int64(m.Position), Timestamp: instant(m.At),
	}
}
