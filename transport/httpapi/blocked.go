package httpapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/command"
)

// BlockedText is the problem of a title that the guard blocks. Nothing is stored of it.
type BlockedText struct {
	Problem
	Message   string   `json:"message" doc:"as detail: its name in frames"`
	RiskScore float64  `json:"risk_score" minimum:"0" maximum:"1"`
	Reasons   []string `json:"reasons" nullable:"false" doc:"the names of the guard's rules, the weightiest first"`
}

// warning is the problem of a message that the guard blocks. It has the fields of the frame warning.
type warning struct {
	BlockedText
	MessageID       domain.ID `json:"message_id"`
	ClientMessageID *string   `json:"client_message_id"`
	Position        int64     `json:"position"`
}

// blocked makes a problem of what the guard keeps back. That of a message shows the position at which it is stored.
func (c *call) blocked(b *command.Blocked) error {
	text := BlockedText{
		Problem: *newProblem(codeBlocked, b.Field, b.Message),
		Message: b.Message, RiskScore: b.RiskScore, Reasons: b.Reasons,
	}
	if b.MessageID.IsZero() {
		return &text
	}
	c.at(b.Position)
	w := warning{BlockedText: text, MessageID: b.MessageID, Position: int64(b.Position)}
	if b.ClientMessageID != "" {
		w.ClientMessageID = &b.ClientMessageID
	}
	return &w
}

// orBlocked describes T as one of the problems, 422, of the POST at a path.
func orBlocked[T any](a *api, path string) {
	api := a.huma.OpenAPI()
	problem := api.Paths[path].Post.Responses["422"].Content["application/problem+json"]
	problem.Schema = &huma.Schema{AnyOf: []*huma.Schema{
		problem.Schema, api.Components.Schemas.Schema(reflect.TypeFor[T](), true, ""),
	}}
}
