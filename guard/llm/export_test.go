package llm

import (
	"net/http"
	"time"
)

// What tests in llm_test need of the inside.
const (
	MaxAnswer    = maxAnswer
	MaxTokens    = maxTokens
	ShownHead    = shownHead
	ShownTail    = shownTail
	BreakerRun   = breakerRun
	BreakerRest  = breakerRest
	CacheLife    = cacheLife
	RetryReserve = retryReserve / retryCost
)

// System is the prompt that is the same for every text.
func System() string { return system }

// ParseAnswer reads an answer's body.
func ParseAnswer(body []byte, id string) (Opinion, error) { return parseAnswer(body, id) }

// RetryAfter reads a header.
func RetryAfter(h http.Header, now time.Time) time.Duration { return retryAfter(h, now) }

// Transport returns the transport of a client, for a test to change before the first Ask.
func (c *Client) Transport() *http.Transport { return c.transport }
