package main

import (
	"context"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/transport/auth"
)

type tokenCommand struct {
	commonFlags
	ID   string        `arg:"" help:"The user's id."`
	TTL  time.Duration `name:"ttl" default:"1h" help:"How long the token is valid."`
	Type string        `enum:"access,refresh" default:"access" help:"One of ${enum}."`
}

func (c *tokenCommand) Help() string {
	return "Example:\n  chainmail token 01890a5d-ac96-774b-bcce-b302099a8057 --ttl 8h"
}

func (c *tokenCommand) Run(_ context.Context, s streams) error {
	id, err := domain.ParseID(c.ID)
	if err != nil {
		return err
	}
	if c.TTL <= 0 {
		return fmt.Errorf("--ttl is %s: it must be more than 0", c.TTL)
	}
	keys, err := c.tokenKeys(&c.databaseFlags, true, c.logger(s.err))
	if err != nil {
		return err
	}
	token, _, err := keys.Mint(auth.Grant{Subject: id, Type: auth.Type(c.Type), TTL: c.TTL}, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, token)
	return nil
}
