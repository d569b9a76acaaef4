package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/guard"
	"chainmail/transport/command"
	"chainmail/transport/judge"
)

type userCommand struct {
	Add        userAdd        `cmd:"" help:"Make an account and print its id."`
	List       userList       `cmd:"" help:"List accounts."`
	Deactivate userDeactivate `cmd:"" help:"End an account for good."`
}

func (userCommand) Help() string {
	return "Example:\n  chainmail token $(chainmail user add Alice)"
}

// byOperator is who acts on the command line.
var byOperator = domain.Actor{Auth: domain.AuthCLI}

type userAdd struct {
	commonFlags
	policyFlag
	Name   string `arg:"" help:"The user's name."`
	Wallet string `placeholder:"0x…" help:"Wallet address, 0x and 40 hex digits."`
	Role   string `enum:"member,admin,service" default:"member" help:"One of ${enum}."`
	ID     string `name:"id" placeholder:"UUID" help:"The user's id (default: a new one)."`
}

func (c *userAdd) Help() string {
	return "Example:\n  chainmail user add Alice --role admin"
}

func (c *userAdd) Run(ctx context.Context, s streams) (err error) {
	var id domain.ID
	if c.ID != "" {
		if id, err = domain.ParseID(c.ID); err != nil {
			return fmt.Errorf("--id: %w", err)
		}
	}
	names, err := c.guard()
	if err != nil {
		return err
	}
	open, err := openSession(ctx, &c.commonFlags, c.logger(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, open.close()) }()
	open.commands.UseJudge(&judge.Judge{Guard: func() *guard.Guard { return names }})
	id, err = open.commands.Register(ctx, domain.RegisterUser{
		Actor: byOperator, UserID: id, Name: c.Name, WalletAddress: c.Wallet, Role: domain.Role(c.Role),
	})
	if err != nil {
		return refusedOrFailed(err)
	}
	fmt.Fprintln(s.out, id)
	return nil
}

// refusedOrFailed makes a refusal a finding, told in its own words.
func refusedOrFailed(err error) error {
	var blocked *command.Blocked
	if errors.As(err, &blocked) {
		return finding{fmt.Errorf("%s (%s)", blocked.Message, strings.Join(blocked.Reasons, ", "))}
	}
	var r *domain.Refusal
	if !errors.As(err, &r) {
		return err
	}
	if r.Code == domain.InvalidField || r.Code == domain.TooLarge {
		return errors.New(r.Message) // wrong usage
	}
	return finding{errors.New(r.Message)}
}

type userDeactivate struct {
	commonFlags
	ID string `arg:"" help:"The user's id."`
}

func (c *userDeactivate) Help() string {
	return "Example:\n  chainmail user deactivate 01890a5d-ac96-774b-bcce-b302099a8057"
}

func (c *userDeactivate) Run(ctx context.Context, s streams) (err error) {
	id, err := domain.ParseID(c.ID)
	if err != nil {
		return err
	}
	open, err := openSession(ctx, &c.commonFlags, c.logger(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, open.close()) }()
	done, err := open.commands.Deactivate(ctx, byOperator, id)
	if err != nil {
		return refusedOrFailed(err)
	}
	if !done.Changed {
		fmt.Fprintf(s.err, "user %s is inactive already\n", id)
	}
	return nil
}

type userList struct {
	commonFlags
	JSON bool `help:"Print JSON."`
}

func (c *userList) Help() string {
	return "Example:\n  chainmail user list --json"
}

func (c *userList) Run(ctx context.Context, s streams) (err error) {
	open, err := openReading(ctx, &c.commonFlags, c.logger(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, open.close()) }()
	t, err := listUsers(ctx, open.log)
	if err != nil {
		return err
	}
	return t.print(s.out, c.JSON)
}

// listUsers reads the log rather than the table of users, so that it is right while no server runs.
func listUsers(ctx context.Context, log *eventstore.Log) (*table, error) {
	t := &table{columns: []string{"id", "name", "wallet_address", "role", "active", "created_at"}}
	const active = 4 // the column
	rows := make(map[domain.ID][]any)
	for after := domain.Position(0); ; {
		events, err := log.ReadDeciding(ctx, after, 1000)
		if err != nil || len(events) == 0 {
			return t, err
		}
		for _, e := range events {
			data, err := domain.Decode(e)
			if err != nil {
				return nil, err
			}
			switch u := data.(type) {
			case *domain.UserRegistered:
				var wallet any
				if u.WalletAddress != "" {
					wallet = u.WalletAddress
				}
				t.add(u.UserID, u.Name, wallet, u.Role, true, optionalTime(e.RecordedAt))
				rows[u.UserID] = t.rows[len(t.rows)-1]
			case *domain.UserDeactivated:
				if row := rows[u.UserID]; row != nil {
					row[active] = false
				}
			}
		}
		after = events[len(events)-1].Position
	}
}
