package fanout

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"chainmail/domain"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/seal"
)

const (
	// wordsQueued bounds the words on their way out, and those on their way in; more are dropped.
	wordsQueued = 4096
	// wordsAtOnce bounds the words of one pipeline.
	wordsAtOnce = 256
	// sendWithin bounds a pipeline's way to Redis, and the last try of a server that ends.
	sendWithin = time.Second
)

// Bus carries words between servers through Redis, on the channels of those whom they concern. It implements cluster.Bus and
// needs the Fanout that it belongs to to run. In a cluster all words go to everybody through one lane: only
// there do they keep their order.
type Bus struct {
	client  redis.UniversalClient
	names   names
	view    View
	server  domain.ID
	seals   *seal.Seals // owned by the goroutine that sends
	out     chan posted // what is queued; a word is dropped when it is full
	in      chan sent   // the same
	dropped atomic.Int64
}

// posted is a word and the stamp that it gets: by it whoever gets it twice, on two channels or from one who repeats what he has
// overheard, knows.
type posted struct {
	stamp seal.Stamp
	word  cluster.Word
}

// sent is a word that has come.
type sent posted

var _ cluster.Bus = (*Bus)(nil)

func newBus(client redis.UniversalClient, n names, v View, server domain.ID, s *seal.Seals) *Bus {
	return &Bus{
		client: client, names: n, view: v, server: server, seals: s, out: make(chan posted, wordsQueued), in: make(chan sent, wordsQueued),
	}
}

// Send implements cluster.Bus.
func (b *Bus) Send(w cluster.Word) {
	w.From = b.server
	select {
	case b.out <- posted{word: w}:
	default:
		b.dropped.Add(1)
	}
}

// Run implements cluster.Bus.
func (b *Bus) Run(ctx context.Context, receive func(cluster.Word)) error {
	sent := make(chan struct{})
	go func() { // Run waits for it
		defer close(sent)
		b.send(ctx)
	}()
	defer func() { <-sent }()
	var memory seal.Memory
	for {
		select {
		case <-ctx.Done():
			return nil
		case w := <-b.in:
			if memory.News(w.stamp, time.Now()) {
				receive(w.word)
			}
		}
	}
}

// send publishes what is queued, until ctx ends, and then once more: the last word of a server is that it ends. What cannot be
// published is lost.
func (b *Bus) send(ctx context.Context) {
	number, lasting := uint64(0), context.WithoutCancel(ctx)
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(lasting, sendWithin)
			defer cancel()
			for len(b.out) > 0 && last.Err() == nil {
				number = b.publish(last, <-b.out, number)
			}
			return
		case p := <-b.out:
			sending, cancel := context.WithTimeout(lasting, sendWithin)
			number = b.publish(sending, p, number)
			cancel()
		}
	}
}

// publish publishes a word and those that are queued behind it, with the numbers after the given one. It returns the last.
func (b *Bus) publish(ctx context.Context, p posted, number uint64) uint64 {
	pipeline := b.client.Pipeline()
	for n := 1; ; n++ {
		number++
		p.stamp = seal.Stamp{From: b.server, At: time.Now().UnixMilli(), Number: number}
		b.post(ctx, pipeline, p)
		if n == wordsAtOnce || len(b.out) == 0 {
			break
		}
		p = <-b.out // nobody else takes from it
	}
	_, _ = pipeline.Exec(ctx) // words may be lost
	return number
}

// post queues a word on the channels of those who need to hear it.
func (b *Bus) post(ctx context.Context, pipeline redis.Pipeliner, p posted) {
	message := appendWord(nil, p)
	if b.names.lanes > 1 {
		name := b.names.broadcast(0)
		pipeline.SPublish(ctx, name, b.seals.Sign(name, message))
		return
	}
	for _, c := range b.channels(p.word.To) {
		name := b.names.name(c)
		pipeline.Publish(ctx, name, b.seals.Sign(name, message[:len(message):len(message)]))
	}
}

// channels lists where an audience is reached: a direct conversation's participants by their own channels.
func (b *Bus) channels(to cluster.Audience) []channel {
	switch {
	case !to.User.IsZero():
		return []channel{{toUser, to.User}}
	case to.Conversation.IsZero():
		return []channel{broadcast}
	}
	channels := []channel{broadcast} // one that the view does not know yet
	b.view.Read(func(s *domain.State) {
		conversation := s.Conversation(to.Conversation)
		switch {
		case conversation == nil:
		case conversation.Direct:
			channels = channels[:0]
			for _, m := range conversation.Members() {
				channels = append(channels, channel{toUser, m.User})
			}
		default:
			channels[0] = channel{toRoom, to.Conversation}
		}
	})
	return channels
}

// appendWord writes a word: its stamp, its kind, whom it is for, and the body.
func appendWord(dst []byte, p posted) []byte {
	dst = append(dst, version, someWord)
	dst = p.stamp.Append(dst)
	dst = append(dst, byte(p.word.Kind))
	dst = append(dst, p.word.To.User[:]...)
	dst = append(dst, p.word.To.Conversation[:]...)
	return appendBytes(dst, p.word.Body)
}

// take takes in a word, without its header. It never waits.
func (b *Bus) take(message []byte) {
	r := reader{rest: message}
	var w sent
	if s := r.take(seal.StampSize); s != nil {
		w.stamp = seal.ReadStamp(s)
	}
	w.word.From = w.stamp.From
	if k := r.take(1); k != nil {
		w.word.Kind = cluster.Kind(k[0])
	}
	copy(w.word.To.User[:], r.take(len(domain.ID{})))
	copy(w.word.To.Conversation[:], r.take(len(domain.ID{})))
	w.word.Body = r.bytes()
	if r.end() != nil || w.word.From == b.server {
		return
	}
	select {
	case b.in <- w:
	default:
		b.dropped.Add(1)
	}
}
