package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"chainmail/domain"
	"chainmail/eventstore/sealer"
	"chainmail/guard"
	"chainmail/projections"
	"chainmail/projections/batches"
	"chainmail/projections/push"
	"chainmail/transport/auth"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/notify"
	"chainmail/transport/cluster/seal"
	"chainmail/transport/command"
	"chainmail/transport/fanout"
	"chainmail/transport/judge"
	"chainmail/transport/limit"
	"chainmail/transport/presence"
	authsession "chainmail/transport/session"
	"chainmail/transport/tracing"
	"chainmail/transport/ws"
)

// server is everything that runs under serve, in layers: each rests on those started before it,
// and ends before them.
type server struct {
	id       domain.ID // this start's own, by which other servers know it
	command  *serveCommand
	logger   *slog.Logger
	keys     *auth.Keys
	open     *session
	runner   *projections.Runner
	pusher   *push.Pusher
	fanout   *fanout.Fanout // nil without Redis
	sealer   *sealer.Sealer
	judge    *judge.Judge
	sessions *authsession.Store // nil where tokens are an outside issuer's
	sockets  *ws.Server
	traces   *tracing.Tracer // nil: nothing is traced
	others   *cluster.Node
	carrier  *notify.Carrier
	key      []byte          // signs what servers tell one another
	shared   *limit.Exchange // limits that count what is done at other servers too
	metrics  *prometheus.Registry
	observed *observed
	address  string // where the page is
	layers   []layer
	failed   chan error // the first failure of a layer
	draining atomic.Bool
}

// layer is something that runs until it is told to end.
type layer struct {
	name  string
	end   context.CancelFunc
	ended chan struct{}
}

// run starts a layer.
func (s *server) run(name string, f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	l := layer{name: name, end: cancel, ended: make(chan struct{})}
	s.layers = append(s.layers, l)
	go func() { // shutdown waits for it
		defer close(l.ended)
		if err := f(ctx); err != nil && ctx.Err() == nil {
			select {
			case s.failed <- fmt.Errorf("%s: %w", name, err):
			default: // another failure is ending the server already
			}
		}
	}()
}

// start brings up all layers. When it fails, what was up is down again.
func (c *serveCommand) start(
	ctx context.Context, keys *auth.Keys, listener net.Listener, logger *slog.Logger,
) (_ *server, err error) {
	s := &server{
		id: domain.ID(uuid.New()), command: c, logger: logger, keys: keys, open: new(session), address: listener.Addr().String(),
		metrics: prometheus.NewRegistry(), failed: make(chan error, 1),
	}
	if s.traces, err = c.traceFlag.tracer(logger); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.shutdown()
		}
	}()
	s.observed = observe(s.metrics)
	if s.traces != nil {
		s.run("traces", s.traces.Run) // the lowest layer: it hears of the ends of the others
	}
	startLog := func(run func(context.Context) error) {
		s.observeLog()
		s.open.log.SetMaxConnections(c.DatabaseMaxConnections - 2) // the start's, which carries words to other servers, and the one that hears theirs
		s.run("log", run)
	}
	if err := s.open.openLog(ctx, &c.commonFlags, c.prepare, startLog, logger); err != nil {
		return nil, err
	}
	log, v := s.open.log, s.open.view
	s.open.database.db.SetMaxOpenConns(1)
	s.runner = projections.New(log, projections.Settings{}, logger, knownProjections()...)
	s.open.commands = command.New(log, v, &messageFinder{log.DB(), s.runner.Wait}, logger)
	s.open.commands.UseNotifications(notificationFinder{log})
	s.open.commands.UseTraces(s.traces)
	keeper, err := s.startGuard(ctx)
	if err != nil {
		return nil, err
	}
	online := presence.New(time.Now)
	if s.key, err = seal.ReadKey(ctx, log.DB()); err != nil {
		return nil, err
	}
	source, err := s.source()
	if err != nil {
		return nil, err
	}
	s.meetOthers()
	s.meetClients(online, source)
	if s.sealer, err = c.sealer(s.open, logger); err != nil {
		return nil, err
	}
	s.measure()

	if err := s.runAll(keeper, online, listener); err != nil {
		return nil, err
	}
	return s, nil
}

// meetClients makes the sockets, and what pushes to them from a source.
func (s *server) meetClients(online *presence.Tracker, source push.Source) {
	log, v := s.open.log, s.open.view
	socketConfig := ws.Config{
		Log: log, LogID: s.open.created.LogID, View: v, Commands: s.open.commands, Keys: s.keys,
		Presence: online, Logger: s.logger, AllowedOrigins: s.command.AllowedOrigins, RateLimit: s.command.RateLimit,
		CaughtUp: s.observed.caughtUp, Others: s.others,
	}
	if s.sessions = s.openSessions(); s.sessions != nil {
		socketConfig.Sessions = s.sessions
	}
	if s.fanout != nil {
		socketConfig.Interest = s.fanout
	}
	s.sockets = ws.New(socketConfig)
	s.pusher = push.New(log, source, v, push.StateTables{DB: log.DB()}, s.sockets, s.logger)
	s.pusher.Observe(s.observed.pushed)
	if s.traces != nil {
		s.pusher.Trace(s.traces.Pushed)
	}
}

// runAll starts the layers above the log.
func (s *server) runAll(keeper *guard.Keeper, online *presence.Tracker, listener net.Listener) error {
	s.run("projections", s.runner.Run)
	s.runFanout()
	s.run("pushes", s.pusher.Run)
	s.run("sealing", s.sealer.Run)
	s.run("kept checkpoint", s.open.kept.Run)
	s.run("guard policy", func(ctx context.Context) error { return keeper.Run(ctx, policyInterval, s.reportPolicy) })
	s.run("token keys", s.keys.Run)
	s.runOthers()
	s.run("sockets", func(ctx context.Context) error { return s.sockets.Run(ctx, s.pusher) })
	if s.command.AdminListen != "" {
		admin, err := net.Listen("tcp", s.command.AdminListen)
		if err != nil {
			return fmt.Errorf("listen for metrics: %w", err)
		}
		s.serveHTTP("admin", admin, s.adminRoutes())
	}
	s.serveHTTP("http", listener, s.routes(online))
	return nil
}

// sealer makes the part that seals the log with the key of --log-key-file, or never, if that is not the log's current one.
func (c *serveCommand) sealer(open *session, logger *slog.Logger) (*sealer.Sealer, error) {
	file, err := c.path(&c.databaseFlags)
	if err != nil {
		return nil, err
	}
	settings := sealer.Settings{BatchSize: c.BatchSize, Interval: c.BatchInterval}
	tree := batches.Tree{DB: open.log.DB()}
	return sealer.New(open.log, open.view, tree, open.created.PublicKey, file.current, settings, logger), nil
}

// drain lets others take over before the end: whoever balances load sees that this server is not ready, and its clients go one by
// one. What comes in meanwhile is served.
func (s *server) drain() {
	if s.command.Drain == 0 {
		return
	}
	s.draining.Store(true)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	retired := make(chan struct{})
	go func() { // drain waits for it
		defer close(retired)
		s.sockets.Retire(ctx, s.command.Drain)
	}()
	select {
	case <-retired:
	case err := <-s.failed:
		s.logger.Error("ending at once after a failure", "error", err)
		cancel()
		<-retired
	}
}

// shutdown ends the layers, the last first, so that what is under way is finished on whatever
// it rests on: HTTP and sockets together, then sealing, commands, pushes and projections, then the log. A database
// that is away makes the end no less clean, and what waits for one that is silent is left behind: the
// process is about to end.
func (s *server) shutdown() {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.endLayers()
	}()
	select {
	case <-ended:
	case <-time.After(shutdownLimit):
		s.logger.Warn("not everything has ended in time", "after", shutdownLimit)
	}
}

func (s *server) endLayers() {
	for _, l := range s.layers {
		switch l.name {
		case "sockets", "admin", "http":
			l.end() // all at once: what the one still took while another ends would need its own time to be finished
		}
	}
	if s.judge != nil {
		s.judge.Close() // what the language model has not been asked about yet is refused
	}
	for i := len(s.layers) - 1; i >= 0; i-- {
		l := s.layers[i]
		if l.name == "pushes" && s.open.commands != nil {
			s.open.commands.Close()
			s.open.commands = nil
			if s.judge != nil && s.judge.Model != nil {
				s.judge.Model.Close()
			}
		}
		l.end()
		<-l.ended
		s.logger.Debug("ended", "layer", l.name)
	}
	if err := s.open.close(); err != nil {
		s.logger.Warn("the database was not left cleanly", "error", err)
	}
}

// serveHTTP starts a layer that answers requests. Those under way when it ends are finished.
func (s *server) serveHTTP(name string, listener net.Listener, handler http.Handler) {
	server := newHTTPServer(handler, s.logger)
	s.run(name, func(ctx context.Context) error {
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		select {
		case err := <-served:
			return err
		case <-ctx.Done():
		}
		ending, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
		defer cancel()
		if err := server.Shutdown(ending); err != nil {
			server.Close()
		}
		<-served
		return nil
	})
}
