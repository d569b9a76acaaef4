package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"chainmail/domain"
	"chainmail/transport/auth"
)

// demoUsers are made by --demo once, with ids of their own so that the next start finds them.
var demoUsers = []struct{ id, name string }{
	{"0190b5d2-7c00-7a11-8000-00000000a11c", "Alice"},
	{"0190b5d2-7c00-7b0b-8000-000000000b0b", "Bob"},
}

// demoTTL is how long a printed link logs in.
const demoTTL = 24 * time.Hour

// printDemo makes the demo users if need be and prints a link for each, which opens the chat with
// the other. The token is in the fragment, which a browser does not send.
func (s *server) printDemo(ctx context.Context, out io.Writer) error {
	fmt.Fprintln(out, "Open each link in a tab of its own:")
	for i, u := range demoUsers {
		id, err := domain.ParseID(u.id)
		if err != nil {
			return err
		}
		_, err = s.open.commands.Register(ctx, domain.RegisterUser{
			Actor: byOperator, UserID: id, Name: u.name, Role: domain.RoleMember,
		})
		if taken := new(domain.Refusal); err != nil && !(errors.As(err, &taken) && taken.Code == domain.Conflict) {
			return fmt.Errorf("make demo user %s: %w", u.name, err)
		}
		token, _, err := s.keys.Mint(auth.Grant{Subject: id, Type: auth.Access, TTL: demoTTL}, time.Now())
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		other := demoUsers[1-i].id
		fmt.Fprintf(out, "  %-6s http://%s/#token=%s&with=%s\n", u.name, s.address, token, other)
	}
	return nil
}
