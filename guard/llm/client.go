package llm

import (
	"context"
	"crypto/sha256"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

var (
	errClosed = errors.New("the client is closed")
	errBusy   = errors.New("as many requests as may be are under way")
)

// Client asks one model at one address. Its methods may be called concurrently.
type Client struct {
	settings  Settings // complete; URL is the endpoint
	http      *http.Client
	transport *http.Transport
	breaker   *breaker
	retries   budget
	places    chan struct{} // one entry for each request under way; bound: Settings.Concurrent. When full, questions wait half their time
	counts    counts

	mu      sync.Mutex
	cache   *cache           // guarded by mu
	flights map[hash]*flight // guarded by mu
	closed  bool             // guarded by mu

	running sync.WaitGroup // the goroutines of flights
}

// hash is the SHA-256 of a whole text: by it, texts are the same.
type hash = [sha256.Size]byte

// flight is one question under way, and all who wait for its answer.
type flight struct {
	cancel  context.CancelFunc
	done    chan struct{} // closed when opinion and err are set
	opinion Opinion
	err     error // nil or an *Error
}

// New returns a client. An error says what is wrong with the settings. Nothing is asked yet.
func New(s Settings) (*Client, error) {
	s, err := s.check()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: s.Timeout}).DialContext,
		TLSHandshakeTimeout:    s.Timeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    s.Concurrent,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxAnswer,
		// An answer has a few hundred bytes, and a compressed one could be any size: it is not asked for and not undone, so it is malformed.
		DisableCompression: true,
	}
	return &Client{
		settings:  s,
		transport: transport,
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		breaker: newBreaker(),
		retries: budget{tenths: retryReserve},
		places:  make(chan struct{}, s.Concurrent),
		cache:   newCache(),
		flights: make(map[hash]*flight),
	}, nil
}

// Model returns the name of the model that is asked.
func (c *Client) Model() string {
	return c.settings.Model
}

// Ask returns what the model thinks of a text, or an *Error. It returns within Settings.Timeout, and earlier when ctx ends. Those who ask about the same text at once
// share one request. A caller who leaves does not end it: it has been paid for, others may be waiting for it, and its answer is kept for the next one who asks.
func (c *Client) Ask(ctx context.Context, text string) (Opinion, error) {
	id := sha256.Sum256([]byte(text))
	c.mu.Lock()
	if opinion, ok := c.cache.get(id, time.Now()); ok {
		c.mu.Unlock()
		c.counts.hits.Add(1)
		return opinion, nil
	}
	f := c.board(ctx, id, text)
	c.mu.Unlock()
	if f == nil {
		return Opinion{}, &Error{Failure: Unavailable, Err: errClosed}
	}
	select {
	case <-f.done:
		return f.opinion, f.err
	case <-ctx.Done():
		return Opinion{}, &Error{Failure: Timeout, Err: ctx.Err()}
	}
}

// board returns the flight that asks about a text, and starts it when there is none; nil when the client is closed. Its caller holds c.mu.
func (c *Client) board(ctx context.Context, id hash, text string) *flight {
	if c.closed {
		return nil
	}
	if f := c.flights[id]; f != nil {
		return f
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.settings.Timeout)
	f := &flight{cancel: cancel, done: make(chan struct{})}
	c.flights[id] = f
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		defer cancel()
		c.fly(ctx, f, id, text)
	}()
	return f
}

// fly asks, and hands the answer to the cache and to those who wait for it. A failure is not kept: the next who asks tries again.
func (c *Client) fly(ctx context.Context, f *flight, id hash, text string) {
	opinion, err := c.question(ctx, text)
	c.mu.Lock()
	delete(c.flights, id)
	if err == nil {
		c.cache.put(id, opinion, time.Now())
	}
	c.mu.Unlock()
	c.counts.outcome(err)
	if err != nil {
		f.err = err
	}
	f.opinion = opinion
	close(f.done)
}

// question asks about a text when there is a place for it, and once more when that is worth it.
func (c *Client) question(ctx context.Context, text string) (Opinion, *Error) {
	if err := c.enter(ctx); err != nil {
		return Opinion{}, err
	}
	defer func() { <-c.places }()
	c.retries.earn()
	a := c.attempt(ctx, text)
	if a.err == nil || !c.retry(ctx, a) {
		return a.opinion, a.err
	}
	a = c.attempt(ctx, text)
	return a.opinion, a.err
}

// enter waits for a place, for half of the time there is: a request that began later would hardly be answered in time.
func (c *Client) enter(ctx context.Context) *Error {
	patience := time.NewTimer(c.settings.Timeout / 2)
	defer patience.Stop()
	select {
	case c.places <- struct{}{}:
		return nil
	case <-patience.C:
		return &Error{Failure: Busy, Err: errBusy}
	case <-ctx.Done(): // by Close: patience ends sooner than the time there is
		return &Error{Failure: Unavailable, Err: errClosed}
	}
}

// Close ends what is still under way, waits for it, and closes idle connections. An Ask after it fails; a second Close does nothing.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	for _, f := range c.flights {
		f.cancel()
	}
	c.mu.Unlock()
	c.running.Wait()
	c.transport.CloseIdleConnections()
}
