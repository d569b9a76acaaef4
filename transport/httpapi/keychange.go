package httpapi

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/eventstore/logkey"
)

// keyAnnouncement is how one key of the log vouches for the next.
type keyAnnouncement struct {
	Position     int64  `json:"position" minimum:"1" doc:"of its event in the log"`
	Announcement string `json:"announcement" doc:"a signed note (C2SP signed-note) of the previous and the new key, signed by both"`
}

// keyAnnouncements are all of them: a log has few.
type keyAnnouncements struct {
	Items []keyAnnouncement `json:"items" nullable:"false" doc:"the oldest first; none while the log has its first key"`
}

func (a *api) publishAnnouncements(tags []string) {
	registerPublic(a, huma.Operation{
		OperationID: "get-log-key-announcements", Method: http.MethodGet, Path: "/api/log-key/announcements", Tags: tags,
		Summary:     "How the keys vouch for each other",
		Description: "Who trusts one key of the log can follow these from it to the newer ones.",
	}, a.listKeyAnnouncements)
}

func (a *api) listKeyAnnouncements(ctx context.Context, _ *struct{}) (*cacheable[keyAnnouncements], error) {
	keys, err := logkey.ReadAnnounced(ctx, a.Log)
	if err != nil {
		return nil, err
	}
	all := keyAnnouncements{Items: []keyAnnouncement{}}
	for _, k := range slices.Backward(keys) {
		if k.Announcement != "" {
			all.Items = append(all.Items, keyAnnouncement{int64(k.Position), k.Announcement})
		}
	}
	return &cacheable[keyAnnouncements]{"application/json", briefly, all}, nil
}
