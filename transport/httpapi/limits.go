package httpapi

import "chainmail/transport/limit"

// receiptsAtOnce is how many receipts of one request weigh as much as a request.
const receiptsAtOnce = 25

// allow asks a limiter whether the caller may go on with something that weighs so much.
func (a *api) allow(l *limit.Limiter, c *call, weight int) error {
	if l == nil {
		return nil
	}
	if after, ok := l.Allow(c.user(), weight, a.Now()); !ok {
		return limited(after)
	}
	return nil
}
