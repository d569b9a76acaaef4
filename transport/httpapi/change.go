package httpapi

import (
	"chainmail/transport/command"
	"chainmail/transport/limit"
)

// change does what a call wishes for, if the caller has not changed too much lately, and tells where
// that left the log.
func (a *api) change(c *call, act func() (command.Done, error)) error {
	return a.changeWithin(a.Limits.Changes, c, act)
}

// changeWithin is change with a limit of its own.
func (a *api) changeWithin(l *limit.Limiter, c *call, act func() (command.Done, error)) error {
	if err := a.allow(l, c, 1); err != nil {
		return err
	}
	done, err := act()
	if err != nil {
		return err
	}
	c.at(done.Position)
	return nil
}
