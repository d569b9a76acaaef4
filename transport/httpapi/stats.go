package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/frame"
)

// figures are how this server and the log are doing: a part of its metrics.
type figures struct {
	Timestamp       instant         `json:"timestamp" doc:"when the figures were read, by this server's clock"`
	Head            int64           `json:"head" minimum:"0" doc:"the log's last position"`
	Sealed          int64           `json:"sealed" minimum:"0" doc:"the size of the tree of the latest seal; 0 while there is none"`
	Connections     int64           `json:"connections" minimum:"0" doc:"the sockets that are open here"`
	MessagesSent    int64           `json:"messages_sent" minimum:"0" doc:"counter: messages that this server has stored"`
	MessagesBlocked int64           `json:"messages_blocked" minimum:"0" doc:"counter: messages that the guard has kept back here"`
	EventsAppended  int64           `json:"events_appended" minimum:"0" doc:"counter: events of all types that this server has stored"`
	FramesSent      int64           `json:"frames_sent" minimum:"0" doc:"counter: frames to clients"`
	CommitSeconds   histogram       `json:"commit_seconds" doc:"how long commits of the log took"`
	DeliverySeconds histogram       `json:"delivery_seconds" doc:"from an event's append to the moment when its frames were handed to the sockets"`
	HTTPSeconds     histogram       `json:"http_seconds" doc:"how long requests took, over all routes"`
	Projections     []projectionLag `json:"projections" nullable:"false" doc:"by name"`
}

// projectionLag is how far one projection is.
type projectionLag struct {
	Projection string          `json:"projection" doc:"its name" example:"messages"`
	Position   domain.Position `json:"position" minimum:"0" doc:"the last event that it has applied"`
	LagEvents  int64           `json:"lag_events" minimum:"0" doc:"how many events it lacks"`
	LagSeconds float64         `json:"lag_seconds" minimum:"0" doc:"how long ago the first of them was stored; looked at once a second"`
	Stopped    *string         `json:"stopped" doc:"why it stands still, as in /readyz; null while it goes on"`
}

// stats has the call for an admin's page.
func (a *api) stats() {
	registerFrom(a, a.fromView(), huma.Operation{
		OperationID: "get-stats", Method: http.MethodGet, Path: "/api/stats", Tags: []string{"health"},
		Summary: "How this server is doing",
		Description: "For admins, who may ask once a second. A part of /metrics, of the one server that answers: counters and histograms begin " +
			"with its process. A histogram's buckets are cumulative; count has those beyond the last.",
		Errors: []int{http.StatusForbidden},
	}, a.readFigures)
}

func (a *api) readFigures(ctx context.Context, c *call, _ *struct{}) (*answer[figures], error) {
	if !c.admin {
		return nil, newProblem(frame.Forbidden, "", "only an admin may do this")
	}
	families, err := a.Figures.Gather()
	if err != nil {
		return nil, fmt.Errorf("gather metrics: %w", err)
	}
	g := gather(families)
	f := figures{
		Timestamp: instant(a.Now()), Head: g.sum("chainmail_log_head_position"), Sealed: g.sum("chainmail_sealed_position"),
		Connections:     g.sum("chainmail_connections"),
		MessagesSent:    g.sum(appendedMetric, "type", string(domain.TypeMessageSent)),
		MessagesBlocked: g.sum(appendedMetric, "type", string(domain.TypeMessageBlocked)),
		EventsAppended:  g.sum(appendedMetric), FramesSent: g.sum("chainmail_frames_sent_total"),
		CommitSeconds: g.histogram("chainmail_commit_duration_seconds"), DeliverySeconds: g.histogram("chainmail_delivery_duration_seconds"),
		HTTPSeconds: g.histogram("chainmail_http_request_duration_seconds"),
		Projections: g.projections(),
	}
	a.addReasons(ctx, g, f.Projections)
	return ok(f), nil
}

// addReasons says of the projections that stand still why. Only then is it asked, since that asks the database too.
func (a *api) addReasons(ctx context.Context, g gathered, projections []projectionLag) {
	if g.sum("chainmail_projection_stuck") == 0 {
		return
	}
	reasons := make(map[string]string)
	for _, d := range a.prober.health(ctx).Degraded {
		reasons[d.Projection] = d.Reason
	}
	for i := range projections {
		p := &projections[i]
		if g.sum("chainmail_projection_stuck", "projection", p.Projection) == 0 {
			continue
		}
		reason, known := reasons[p.Projection]
		if !known {
			reason = "it cannot go on: see the server's log"
		}
		p.Stopped = &reason
	}
}
