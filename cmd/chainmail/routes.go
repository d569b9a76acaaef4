package main

import (
	"net/http"
	"time"

	"chainmail/projections/batches"
	"chainmail/transport/httpapi"
	"chainmail/transport/limit"
	"chainmail/transport/presence"
	"chainmail/web"
)

// routes joins the page, the API and the sockets on one address.
func (s *server) routes(online *presence.Tracker) http.Handler {
	messages, receipts := s.sockets.Limiters()
	config := httpapi.Config{
		Log: s.open.log, View: s.open.view, Commands: s.open.commands, Keys: s.keys,
		Projected: messagesTables{s.runner}, Tables: stateQueries{},
		Tree: sealedTree{batches.Tree{DB: s.open.log.DB()}}, Presence: online,
		Limits: httpapi.Limits{Messages: messages, Receipts: receipts, Changes: limit.New(s.command.RateLimit)},
		Health: s.health, Origins: s.command.AllowedOrigins, Logger: s.logger,
		Metrics: s.metrics, Gatherer: s.metrics, Now: time.Now,
	}
	if s.command.AdminListen != "" {
		config.Gatherer = nil // metrics have an address of their own
	}
	s.letIn(&config)
	mux := http.NewServeMux()
	api := httpapi.New(config)
	for _, path := range []string{"/api/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/checkpoint", "/tile/"} {
		mux.Handle(path, api)
	}
	mux.Handle("/ws", s.sockets)
	mux.Handle("/", web.Handler())
	return mux
}
