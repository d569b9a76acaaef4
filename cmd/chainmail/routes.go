package main

import (
	"context"
	"net/http"
	"time"

	"chainmail/projections/batches"
	"chainmail/projections/notifications"
	"chainmail/projections/push"
	"chainmail/projections/tasks"
	"chainmail/transport/asyncapi"
	"chainmail/transport/httpapi"
	"chainmail/transport/limit"
	"chainmail/transport/presence"
	"chainmail/web"
)

// routes joins the page, the API and the sockets on one address.
func (s *server) routes(online *presence.Tracker) http.Handler {
	messages, receipts := s.sockets.Limiters()
	config := httpapi.Config{
		Log: s.open.log, LogID: s.open.created.LogID, View: s.open.view, Commands: s.open.commands, Keys: s.keys,
		Projected: httpapi.Projections{
			Messages:      projected{s.runner, messagesProjection},
			Notifications: projected{s.runner, notifications.Name},
			Tasks:         projected{s.runner, tasks.Name},
		},
		Tables: stateQueries{}, Pushes: s.pusher, Retell: s.pusher.Retell,
		Tree: sealedTree{batches.Tree{DB: s.open.log.DB()}}, Presence: online,
		Limits: httpapi.Limits{
			Messages: messages, Receipts: receipts,
			Notices: limit.New(noticesAMinute(s.command.RateLimit)), Changes: limit.New(s.command.RateLimit),
		},
		Health: s.health, Origins: s.command.AllowedOrigins, Logger: s.logger,
		AsyncAPI: func() []byte { return asyncapi.Describe(push.Frames()) },
		Metrics:  s.metrics, Gatherer: s.metrics, Figures: s.metrics, Now: time.Now, Traces: s.traces,
	}
	if s.command.AdminListen != "" {
		config.Gatherer = nil // metrics have an address of their own
	}
	s.letIn(&config)
	limits := &config.Limits
	s.metrics.MustRegister(limitCollector{s.sockets, limits})
	s.share(limits)
	s.run("limits", func(ctx context.Context) error { return sweep(ctx, limits.Notices, limits.Changes) })
	mux := http.NewServeMux()
	api := httpapi.New(config)
	for _, path := range []string{"/api/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json", "/docs", "/checkpoint", "/tile/"} {
		mux.Handle(path, api)
	}
	mux.Handle("/ws", s.sockets)
	mux.Handle("/", web.Handler())
	return mux
}

// noticesAMinute is how much an admin or a service may tell others: a platform's service tells everybody everything.
func noticesAMinute(messages int) int {
	if messages == 0 {
		return 0
	}
	return max(20*messages, 2_000)
}
