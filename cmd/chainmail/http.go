package main

import (
	"log/slog"
	"net/http"
	"time"
)

// newHTTPServer returns a server that does not wait for slow clients for ever: neither for their headers, nor for their
// bodies (those of the API have 10 s, see package httpapi), nor for their reading the answer.
func newHTTPServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute, // an append may wait for the database, a profile takes half a minute
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}
