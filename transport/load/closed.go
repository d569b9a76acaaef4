package load

import (
	"context"
	"sync/atomic"
	"time"
)

// loop is a closed loop over pairs: account 2i writes to account 2i+1.
type loop struct {
	receipts bool // the receivers acknowledge
	padding  string
	run      string
	pairs    []pair
	stopped  atomic.Bool // nothing new is sent

	// What has happened since the last reset. sent is counted before what it leads to.
	sent, answered, received, statuses atomic.Int64
}

// pair is a sender and a receiver.
type pair struct {
	to      address
	counter atomic.Uint32 // the sender's messages of all times
}

func (b *bench) sends(ctx context.Context) (err error) {
	b.report.Sends, err = b.closedLoop(ctx, false)
	return err
}

func (b *bench) receipts(ctx context.Context) (err error) {
	b.report.Receipts, err = b.closedLoop(ctx, true)
	return err
}

func (b *bench) closedLoop(ctx context.Context, receipts bool) (_ *LoopReport, err error) {
	accounts := b.config.Accounts[:2*b.config.Pairs]
	l := &loop{
		receipts: receipts, padding: padding(b.config.Size), run: b.run + "-" + b.scenario + "-",
		pairs: make([]pair, b.config.Pairs),
	}
	for i := range l.pairs {
		l.pairs[i].to = address{"receiver_id", accounts[2*i+1].ID.String()}
	}
	f, err := b.launch(ctx, accounts, l.handler)
	defer func() { err = closing(f, err) }()
	if err != nil {
		return nil, err
	}
	if err := l.phase(b, f, "warming up", b.config.Duration/10); err != nil {
		return nil, err
	}
	before, err := b.settle(f)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := l.phase(b, f, "sending", b.config.Duration); err != nil {
		return nil, err
	}
	took := time.Since(start).Seconds()
	after, err := b.settle(f)
	if err != nil {
		return nil, err
	}
	n := l.sent.Load()
	return &LoopReport{
		Pairs: b.config.Pairs, Window: b.config.Window, Size: b.config.Size,
		Messages: n, Seconds: took, Rate: float64(n) / took,
		Cost: before.cost(after, n, n),
	}, nil
}

// phase fills the windows, keeps them full for a while, and returns when all that was sent has led
// to all it leads to.
func (l *loop) phase(b *bench, f *fleet, stage string, d time.Duration) error {
	for _, counter := range []*atomic.Int64{&l.sent, &l.answered, &l.received, &l.statuses} {
		counter.Store(0)
	}
	l.stopped.Store(false)
	for i := range l.pairs {
		sender := f.clients[2*i]
		for range b.config.Window {
			if err := l.send(sender, &l.pairs[i]); err != nil {
				return err
			}
		}
		if err := sender.conn.Flush(); err != nil {
			return err
		}
	}
	err := f.sleepReporting(b, stage, d)
	l.stopped.Store(true)
	if err != nil {
		return err
	}
	return f.wait(b, "draining", l.done)
}

// done compares what has come with what has to come.
func (l *loop) done() (done, total int64) {
	answered, received, statuses := l.answered.Load(), l.received.Load(), l.statuses.Load()
	sent := l.sent.Load() // read last: it never falls behind
	done, total = min(answered, sent)+min(received, sent), 2*sent
	if l.receipts {
		done, total = done+min(statuses, 2*sent), total+2*sent
	}
	return done, total
}

func (l *loop) send(c *client, p *pair) error {
	l.sent.Add(1)
	name := code(p.counter.Add(1))
	return c.send(func(dst []byte) []byte {
		return chatMessage(dst, p.to, l.run+name, name+l.padding)
	})
}

// handler is what the nth client does with frames.
func (l *loop) handler(n int, c *client) handler {
	p := &l.pairs[n/2]
	if n%2 == 1 {
		return func(kind string, frame []byte) error { return l.receive(c, kind, frame) }
	}
	return func(kind string, _ []byte) (err error) {
		switch kind {
		case "message_status":
			l.statuses.Add(1)
		case "message_sent":
			if !l.stopped.Load() {
				err = l.send(c, p)
			}
			l.answered.Add(1)
		}
		return err
	}
}

// receive counts a message and, where there are receipts, acknowledges it.
func (l *loop) receive(c *client, kind string, frame []byte) error {
	if kind != "chat_message" {
		return nil
	}
	l.received.Add(1)
	if !l.receipts {
		return nil
	}
	message := text(frame, messageIDField)
	if err := c.send(func(dst []byte) []byte { return delivered(dst, message) }); err != nil {
		return err
	}
	return c.send(func(dst []byte) []byte { return read(dst, message) })
}
