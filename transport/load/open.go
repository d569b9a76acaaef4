package load

import (
	"context"
	"sync/atomic"
	"time"
)

// stream is an open loop: messages leave at their times, whatever comes back.
type stream struct {
	rate    int
	each    int // receivers of a message
	padding string
	run     string
	from    func(n int) (*client, address) // the sender of the nth message
	current atomic.Pointer[recorder]       // of the phase under way
}

// warmUp is how long an open loop runs before it counts.
const warmUp = time.Second

// measure runs a phase to warm up and one that counts, and reads the meter around that.
func (s *stream) measure(b *bench, f *fleet) (r *recorder, before, after reading, err error) {
	if _, err = s.phase(b, f, "warming up", warmUp); err != nil {
		return nil, before, after, err
	}
	if before, err = b.settle(f); err != nil {
		return nil, before, after, err
	}
	if r, err = s.phase(b, f, "sending", b.config.Duration); err != nil {
		return nil, before, after, err
	}
	after, err = b.settle(f)
	return r, before, after, err
}

// phase sends for a while and returns when every receiver has every message.
func (s *stream) phase(b *bench, f *fleet, stage string, d time.Duration) (*recorder, error) {
	r := newRecorder(max(1, int(d.Seconds()*float64(s.rate))), s.rate)
	r.start = time.Now().Add(10 * time.Millisecond)
	s.current.Store(r)
	f.work.Go(func() {
		if err := s.pace(f.ctx, r, s.run+stage[:1]); err != nil {
			f.cancel(err)
		}
	})
	total := int64(len(r.worst) * s.each)
	return r, f.wait(b, stage, func() (int64, int64) { return r.received.Load(), total })
}

// pace sends every message when it is due, or at once where that has passed.
func (s *stream) pace(ctx context.Context, r *recorder, run string) error {
	for n := range r.worst {
		sleepUntil(ctx, r.due(n))
		if ctx.Err() != nil {
			return nil
		}
		c, to := s.from(n)
		name := code(uint32(n))
		err := c.send(func(dst []byte) []byte { return chatMessage(dst, to, run+name, name+s.padding) })
		if err != nil {
			return err
		}
		if err := c.conn.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// receive records a message.
func (s *stream) receive(kind string, frame []byte) error {
	if kind != "chat_message" {
		return nil
	}
	if n, ours := decode(text(frame, contentField)); ours {
		if r := s.current.Load(); r != nil {
			r.record(n)
		}
	}
	return nil
}

// latency sends from pair to pair in turn.
func (b *bench) latency(ctx context.Context) (err error) {
	accounts := b.config.Accounts[:2*b.config.Pairs]
	s := b.stream(b.config.Rate, 1)
	f, err := b.launch(ctx, accounts, func(n int, _ *client) handler {
		if n%2 == 0 {
			return ignore
		}
		return s.receive
	})
	defer func() { err = closing(f, err) }()
	if err != nil {
		return err
	}
	s.from = func(n int) (*client, address) {
		sender := n % b.config.Pairs * 2
		return f.clients[sender], address{"receiver_id", accounts[sender+1].ID.String()}
	}
	r, before, after, err := s.measure(b, f)
	if err != nil {
		return err
	}
	n := int64(len(r.worst))
	b.report.Latency = &LatencyReport{
		Rate: s.rate, Messages: n, Delivery: r.percentiles(), Cost: before.cost(after, n, n),
	}
	return nil
}

func (b *bench) stream(rate, each int) *stream {
	return &stream{rate: rate, each: each, padding: padding(b.config.Size), run: b.run + "-" + b.scenario + "-"}
}

// ignore is the handler of clients that only send.
func ignore(string, []byte) error { return nil }
