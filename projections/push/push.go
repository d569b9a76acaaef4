package push

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"chainmail/domain"
	"chainmail/projections/view"
)

// retryPause is how long the pusher waits before it reads again after an error of the log.
const retryPause = 200 * time.Millisecond

// Log is what catching up reads. Events come in order of position.
type Log interface {
	At(ctx context.Context, positions ...domain.Position) ([]domain.Event, error)
	// ReadStreams returns events with after < position <= upTo and the position, beyond after, through which
	// the answer is complete.
	ReadStreams(
		ctx context.Context, streams []domain.StreamID, after, upTo domain.Position, limit int,
	) ([]domain.Event, domain.Position, error)
}

// Tail follows the log: each call waits for the events that come right after those of the last
// call. After an error it stands where it stood.
type Tail interface {
	Next(ctx context.Context) ([]domain.Event, error)
}

// Source returns the log's events, all of them or those that the sink's connections need: every one that decides, and every one that
// makes a frame for somebody who is connected here.
type Source interface {
	// Next waits for what comes right after the last call's events and calls push once with it, and with the position through
	// which it is complete. After an error, for which push was not called, it stands where it stood.
	Next(ctx context.Context, push func(events []domain.Event, through domain.Position)) error
}

// Whole is the source that returns every event of a tail.
type Whole struct{ Tail Tail }

// Next implements Source.
func (w Whole) Next(ctx context.Context, push func([]domain.Event, domain.Position)) error {
	events, err := w.Tail.Next(ctx)
	if err == nil && len(events) > 0 {
		push(events, events[len(events)-1].Position)
	}
	return err
}

// Sink hands frames to connections. It must not block: who is slow is cut off, not waited for.
//
// A connection is added in this order, so that it misses nothing: Connected is true for its user;
// then the sink takes the view's position as upTo; then it catches up to upTo, while it keeps what
// is pushed meanwhile and drops of it what is at or before upTo.
type Sink interface {
	// Connected reports whether the user has a connection here. Frames are made only for such users.
	Connected(user domain.ID) bool
	// Push gives a frame to all connections of the users, save the one whose doing it is, which knows by the
	// origin: the message's id for a chat_message, its ReadKey for a read, zero for other frames. Calls are in
	// order of position. The sink may keep the frame but not change it; the list of users is the caller's.
	Push(users []domain.ID, position domain.Position, origin domain.ID, frame []byte)
	// Watched reports whether a connection here watches the task or its project.
	Watched(task, project domain.ID) bool
	// PushTask is Push of what happens to a task. The frame goes to the connections too that watch the task or its
	// project, once to each.
	PushTask(users []domain.ID, task, project domain.ID, position domain.Position, frame []byte)
	// Broadcast is Push to all connections of everybody.
	Broadcast(position domain.Position, frame []byte)
	// Meet says, some frames after the one that tells of it, that some users have come into a conversation: they
	// and those who take part may hear of one another from now on.
	Meet(conversation domain.ID, newcomers []domain.ID)
	// Acquaint says, some frames after it, that a user no longer blocks another: they may hear of one another again, unless the
	// other blocks him too.
	Acquaint(one, other domain.ID)
	// Advance says that every frame up to the position was pushed.
	Advance(position domain.Position)
}

// Pusher pushes what is appended to the log, and catches up with what was missed.
type Pusher struct {
	log     Log
	source  Source
	view    *view.View
	tables  Tables
	sink    Sink
	logger  *slog.Logger
	skipped atomic.Int64
	trouble atomic.Pointer[error] // why the log cannot be read; nil when it can
	pushed  func(time.Time)       // set before Run; nil: nobody is told

	traced func(events []domain.Event, began time.Time) // set before Run; nil: nobody is told

	turn   sync.Mutex     // held while pushing, so that frames reach the sink in order of position
	live   router         // guarded by turn
	batch  []domain.Event // guarded by turn; scratch
	gather gathering
}

// New returns a pusher for one Run. The source begins right after the view's position, and nobody
// else applies events to the view.
func New(log Log, source Source, v *view.View, tables Tables, sink Sink, logger *slog.Logger) *Pusher {
	p := &Pusher{log: limitedLog{log}, source: source, view: v, tables: limitedTables{tables}, sink: sink, logger: logger}
	p.gather.init()
	p.live = router{
		view: v,
		live: sink,
		gather: func(_ domain.Event, r receipt) error {
			p.gather.add(statusOf(r))
			return nil
		},
	}
	return p
}

// Run keeps the view true and pushes, until ctx ends; then it returns nil. While the log cannot
// be read it tries again.
func (p *Pusher) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.follow(ctx) })
	g.Go(func() error { return p.pushGathered(ctx) })
	return g.Wait()
}

// Observe has a function called once a batch of events has been handed to the sink, with the time at which the first of
// them was appended by the database's clock. It is set before Run, and must be quick.
func (p *Pusher) Observe(pushed func(appendedAt time.Time)) { p.pushed = pushed }

// Trace has a function called once a batch of events has been handed to the sink, with the time at which the pusher began with them. It
// is set before Run, must be quick, and does not change the events.
func (p *Pusher) Trace(pushed func(events []domain.Event, began time.Time)) { p.traced = pushed }

// Skipped counts the events that could not be read and so were not pushed.
func (p *Pusher) Skipped() int64 { return p.skipped.Load() }

func (p *Pusher) follow(ctx context.Context) error {
	push := p.push // one function for all calls
	for {
		err := p.source.Next(ctx, push)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			p.wait(err)
			if !pause(ctx, retryPause) {
				return nil
			}
			continue
		}
		if p.trouble.Swap(nil) != nil {
			p.logger.Info("the log can be read again; pushes go on")
		}
	}
}

// Waits returns why pushes stand still: an error of reading the log. It is nil while they go on.
func (p *Pusher) Waits() error {
	if err := p.trouble.Load(); err != nil {
		return *err
	}
	return nil
}

// wait notes why pushes stand still, and tells of it once.
func (p *Pusher) wait(err error) {
	if before := p.trouble.Swap(&err); before == nil || (*before).Error() != err.Error() {
		p.logger.Error("cannot read the log; pushes wait", slog.Any("error", err))
	}
}

// push applies events to the view and pushes their frames.
func (p *Pusher) push(events []domain.Event, through domain.Position) {
	p.turn.Lock()
	defer p.turn.Unlock()
	var began time.Time
	if p.traced != nil {
		began = time.Now()
	}
	p.batch = p.batch[:0]
	for _, e := range events {
		p.batch = append(p.batch, p.decoded(e))
	}
	p.view.ApplyThrough(p.batch, through)
	for _, e := range p.batch {
		if data, err := domain.Decode(e); err == nil {
			_ = p.live.route(e, data) // emit and gather above return no error
		}
	}
	p.meet()
	p.sink.Advance(through)
	if p.pushed != nil && len(events) > 0 {
		p.pushed(events[0].RecordedAt)
	}
	if p.traced != nil {
		p.traced(events, began)
	}
	clear(p.batch) // so that payloads can go
}

// meet tells the sink who has come into a conversation, and between whom a block has ended, according to the batch.
func (p *Pusher) meet() {
	for _, e := range p.batch {
		data, err := domain.Decode(e)
		if err != nil {
			continue
		}
		switch d := data.(type) {
		case *domain.ConversationStarted:
			p.sink.Meet(d.ConversationID, d.ParticipantIDs)
		case *domain.ParticipantAdded:
			p.sink.Meet(d.ConversationID, []domain.ID{d.UserID})
		case *domain.UserUnblocked:
			p.sink.Acquaint(d.UserID, d.BlockedID)
		}
	}
}

// decoded attaches the event's data, so that it is parsed once. An event that cannot be read stays as it is.
func (p *Pusher) decoded(e domain.Event) domain.Event {
	data, err := domain.Decode(e)
	if err != nil {
		p.skipped.Add(1)
		level := slog.LevelError
		if errors.Is(err, domain.ErrUnknownType) {
			level = slog.LevelWarn // a newer server pushes it to those who are there
		}
		p.logger.Log(context.Background(), level, "an event cannot be read and is not pushed",
			slog.Int64("position", int64(e.Position)), slog.String("type", string(e.Type)), slog.Any("error", err))
		return e
	}
	return e.WithData(data)
}

// pause waits and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
