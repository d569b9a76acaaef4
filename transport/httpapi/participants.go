package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/command"
)

func (a *api) participants() {
	refusals := []int{http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests}
	register(a, huma.Operation{
		OperationID: "add-participant", Method: http.MethodPost, Path: "/api/conversations/{id}/participants",
		Tags: []string{"conversations"}, Summary: "Bring a user into a group",
		Description: "Any participant may. Who is in the group already stays in it.", Errors: refusals,
	}, a.addParticipant)
	register(a, huma.Operation{
		OperationID: "remove-participant", Method: http.MethodDelete, Path: "/api/conversations/{id}/participants/{user_id}",
		Tags: []string{"conversations"}, Summary: "Leave a group, or take a user out of it",
		Description: "Everyone may leave; the starter and admins take others out.", Errors: refusals,
	}, a.removeParticipant)
}

type userBody struct {
	UserID domain.ID `json:"user_id" doc:"a UUID: whose account it is about"`
}

func (a *api) addParticipant(ctx context.Context, c *call, in *struct {
	ID   domain.ID `path:"id"`
	Body payload[userBody]
}) (*struct{}, error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	return nil, a.change(c, func() (command.Done, error) { return a.Commands.Add(ctx, c.actor, in.ID, body.UserID) })
}

func (a *api) removeParticipant(ctx context.Context, c *call, in *struct {
	ID     domain.ID `path:"id"`
	UserID domain.ID `path:"user_id"`
}) (*struct{}, error) {
	return nil, a.change(c, func() (command.Done, error) { return a.Commands.Remove(ctx, c.actor, in.ID, in.UserID) })
}
