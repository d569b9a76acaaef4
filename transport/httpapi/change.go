package httpapi

import "chainmail/transport/command"

// change does what a call wishes for, if the caller has not done too much lately, and tells where
// that left the log.
func (a *api) change(c *call, act func() (command.Done, error)) error {
	if err := a.allow(a.Limits.Changes, c, 1); err != nil {
		return err
	}
	done, err := act()
	if err != nil {
		return err
	}
	c.at(done.Position)
	return nil
}
