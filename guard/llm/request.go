package llm

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// maxAnswer bounds an answer's body, in bytes, and its header. An answer as asked for has less than 1 KiB.
const maxAnswer = 64 << 10

// attempt is what came of one request.
type attempt struct {
	opinion Opinion
	err     *Error
	again   bool          // the same question may get a better answer
	after   time.Duration // not before so long, if above 0
}

// failed returns an attempt without an opinion.
func failed(f Failure, err error) attempt {
	return attempt{err: &Error{Failure: f, Err: err}}
}

// attempt sends one request, when the breaker allows it. With nine tenths of the time it has, as good as, the whole: a moment is always gone.
func (c *Client) attempt(ctx context.Context, text string) attempt {
	done, refused := c.breaker.allow()
	if refused != nil {
		return attempt{err: refused}
	}
	c.counts.requests.Add(1)
	deadline, _ := ctx.Deadline()
	whole := time.Until(deadline) >= c.settings.Timeout/10*9
	a := c.post(ctx, text)
	done(a.err, whole)
	return a
}

// post sends one request and reads its answer.
func (c *Client) post(ctx context.Context, text string) attempt {
	id := newNonce()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.URL, bytes.NewReader(prompt(c.settings.Model, id, text)))
	if err != nil {
		return failed(Refused, errors.New("the address cannot be used"))
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "chainmail")
	if c.settings.Key != "" {
		request.Header.Set("Authorization", "Bearer "+c.settings.Key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return broken(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return status(response)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return broken(ctx, err)
	}
	opinion, err := parseAnswer(body, id)
	if err != nil {
		return failed(Malformed, err)
	}
	return attempt{opinion: opinion}
}

// status is what an answer that is not 200 comes to. Its body is not read: it may say anything, and take its time.
func status(r *http.Response) attempt {
	err := fmt.Errorf("it answered with status %d", r.StatusCode)
	switch code := r.StatusCode; {
	case code == http.StatusTooManyRequests:
		a := failed(Overloaded, err)
		a.again, a.after = true, retryAfter(r.Header, time.Now())
		return a
	case code >= 500 || code == http.StatusRequestTimeout:
		a := failed(Unavailable, err)
		a.again, a.after = true, retryAfter(r.Header, time.Now())
		return a
	case code >= 300:
		return failed(Refused, err)
	default:
		return failed(Malformed, err)
	}
}

// broken is what a request comes to that got no whole answer.
func broken(ctx context.Context, err error) attempt {
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return failed(Unavailable, errClosed)
	case ctx.Err() != nil || errors.As(err, &timeout) && timeout.Timeout():
		return failed(Timeout, context.DeadlineExceeded)
	}
	a := failed(Unavailable, cause(err))
	a.again = true
	return a
}

// cause returns what is behind a broken request, where that is sure not to repeat what the other side sent: an answer that is no HTTP is quoted in Go's own errors.
func cause(err error) error {
	var (
		network *net.OpError
		name    *net.DNSError
		trust   *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		noTLS   tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &trust):
		return trust
	case errors.As(err, &unknown):
		return unknown
	case errors.As(err, &noTLS):
		return errors.New("it does not speak TLS")
	case errors.As(err, &name):
		return name
	case errors.As(err, &network):
		return network
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	return errors.New("the connection broke or does not speak HTTP")
}
