package projections

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill-sql/v4/pkg/sql"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"golang.org/x/sync/errgroup"
)

// Runner runs projections. All its methods may be called concurrently, but Run once.
type Runner struct {
	log      Log
	settings Settings
	logger   *slog.Logger
	workers  []*worker
	byName   map[string]*worker
	looking  sync.Mutex // held while the offsets are read
}

// New returns a runner of projections with distinct names. It starts nothing.
func New(log Log, settings Settings, logger *slog.Logger, projections ...Projection) *Runner {
	r := &Runner{
		log: log, settings: settings.withDefaults(), logger: logger,
		byName: make(map[string]*worker, len(projections)),
	}
	for _, p := range projections {
		w := &worker{
			projection: p, settings: r.settings, db: log.DB(), logger: logger,
			changed: make(chan struct{}),
		}
		r.workers = append(r.workers, w)
		r.byName[p.Name] = w
	}
	return r
}

// Run keeps the projections up to date until ctx ends, and then finishes the batches under way. A
// database that goes away is waited for. An error other than nil says that the runner could not be
// set up.
func (r *Runner) Run(ctx context.Context) error {
	hard, rollBack := context.WithCancel(context.WithoutCancel(ctx))
	defer rollBack()
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: r.settings.Grace}, quiet{r.logger})
	if err != nil {
		return fmt.Errorf("set up the router: %w", err)
	}
	for _, w := range r.workers {
		wake, stop := r.log.Wakeups()
		defer stop()
		w.hard, w.done, w.wake = hard, ctx.Done(), wake
		if err := w.join(router); err != nil {
			return fmt.Errorf("set up projection %s: %w", w.projection.Name, err)
		}
	}
	r.look(ctx) // so that a new projection need not wait for watch
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { r.watch(ctx); return nil })
	g.Go(func() error { return router.Run(ctx) })
	err = g.Wait()
	rollBack()
	for _, w := range r.workers {
		w.underway.Wait()
		if err := w.release(); err != nil {
			r.logger.Debug("cannot close statements", "projection", w.projection.Name, "error", err)
		}
	}
	return err
}

// join makes the worker a handler of the router, with a subscriber of its own.
func (w *worker) join(router *message.Router) error {
	subscriber, err := sql.NewSubscriber(sql.BeginnerFromStdSQL(w.db), sql.SubscriberConfig{
		ConsumerGroup:  w.projection.Name,
		AckDeadline:    &w.settings.Deadline,
		BackoffManager: pacer{w},
		SchemaAdapter:  topic{w},
		OffsetsAdapter: offsets{},
	}, quiet{w.logger})
	if err != nil {
		return err
	}
	retry := middleware.Retry{
		MaxRetries:      3,
		InitialInterval: 50 * time.Millisecond,
		MaxInterval:     time.Second,
		Multiplier:      2,
		ShouldRetry:     func(p middleware.RetryParams) bool { return transient(p.Err) },
	}
	handler := router.AddConsumerHandler(w.projection.Name, topicName, subscriber, w.handle)
	handler.AddMiddleware(w.settle, retry.Middleware, middleware.Recoverer)
	return nil
}

// watch looks once a second at what other servers have done, and makes the offset row of a
// projection that is new.
func (r *Runner) watch(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.look(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// look is refresh for those who try again anyway. One at a time looks; the others go without.
func (r *Runner) look(ctx context.Context) {
	if !r.looking.TryLock() {
		return
	}
	defer r.looking.Unlock()
	if err := r.refresh(ctx); err != nil && ctx.Err() == nil {
		r.logger.Debug("cannot read projection offsets", "error", err)
	}
}

// refresh reads the offsets that the database has, and makes those that it lacks.
func (r *Runner) refresh(ctx context.Context) error {
	moves := make([]int, len(r.workers))
	for i, w := range r.workers {
		moves[i] = w.moveCount()
	}
	all, err := readOffsets(ctx, r.log.DB())
	if err != nil {
		return err
	}
	for i, w := range r.workers {
		o, ok := all[w.projection.Name]
		if !ok {
			if o, err = w.begin(ctx); err != nil {
				return err
			}
		}
		w.observe(o, moves[i])
	}
	return nil
}

// begin makes the offset row of a projection that never ran here.
func (w *worker) begin(ctx context.Context) (offset, error) {
	const query = `
		INSERT INTO projection_offsets (projection, version, position, updated_at)
		VALUES ($1, $2, 0, now())
		ON CONFLICT (projection) DO UPDATE SET updated_at = now()
		RETURNING version, position`
	var o offset
	err := w.db.QueryRowContext(ctx, query, w.projection.Name, w.projection.Version).Scan(&o.version, &o.position)
	if err != nil {
		return offset{}, fmt.Errorf("begin projection %s: %w", w.projection.Name, err)
	}
	return o, nil
}
