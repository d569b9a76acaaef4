package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"chainmail/domain"
	"chainmail/transport/auth"
	"chainmail/transport/fanout"
	"chainmail/transport/load"
)

type benchCommand struct {
	commonFlags
	URL         []string      `name:"url" default:"http://127.0.0.1:8080" help:"The running server; may be repeated for servers of one log, over which users are spread."`
	MetricsURL  []string      `name:"metrics-url" placeholder:"URL" help:"The server's metrics, if they are elsewhere and it isn't on this machine; one for each --url (default: /metrics of --url)."`
	RedisURL    string        `placeholder:"URL" help:"The servers' Redis, if they have one: its processor time is reported too."`
	Scenario    []string      `enum:"idle,latency,sends,receipts,fanout" default:"idle,latency,sends,receipts,fanout" help:"What to run, of ${enum} (default: all)."`
	Duration    time.Duration `default:"10s" help:"How long each scenario sends."`
	Pairs       int           `default:"50" help:"Between how many pairs of users messages go."`
	Window      int           `default:"16" help:"Messages in flight a sender (sends, receipts)."`
	Size        int           `default:"100" help:"Bytes a message."`
	Rate        int           `default:"500" help:"Messages a second (latency)."`
	Members     int           `default:"1000" help:"Members of the group (fanout)."`
	FanoutRate  int           `default:"20" help:"Messages a second (fanout)."`
	Connections int           `default:"5000" help:"Connections (idle)."`
	Settle      time.Duration `default:"10s" help:"Wait before the memory is read (idle)."`
	JSON        bool          `help:"Print JSON."`
}

func (c *benchCommand) Help() string {
	return "The server has to run without a limit of messages, on the same database and with the same keys:\n" +
		"  chainmail serve --rate-limit 0\n\n" +
		"Of several servers (--url A --url B) the two of a pair are at different ones, so that every message crosses.\n\n" +
		"Users named \"Bench …\" are made once and used again. Figures of cost need the server and PostgreSQL on this machine.\n\n" +
		"Example:\n  chainmail bench --scenario sends,latency --duration 30s --json"
}

func (c *benchCommand) Run(ctx context.Context, s streams) (err error) {
	config := load.Config{
		URLs: c.URL, MetricsURLs: c.MetricsURL, Scenarios: c.Scenario, Pairs: c.Pairs, Window: c.Window, Size: c.Size,
		Duration: c.Duration, Rate: c.Rate, Members: c.Members, FanoutRate: c.FanoutRate,
		Connections: c.Connections, Settle: c.Settle,
	}
	if err := config.Check(); err != nil {
		return err
	}
	if c.RedisURL != "" {
		if config.Redis, _, err = fanout.Connect(c.RedisURL); err != nil {
			return fmt.Errorf("--redis-url: %w", err)
		}
		defer func() { err = errors.Join(err, config.Redis.Close()) }()
	}
	logger := c.logger(s.err)
	if config.Accounts, err = c.accounts(ctx, config.Needs(), logger); err != nil {
		return fmt.Errorf("make users: %w", err)
	}
	d, err := c.connect(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	config.Database = d.db
	bar := newProgress(s.err)
	config.Progress = func(p load.Progress) { bar.show(p.Scenario+": "+p.Stage, p.Fraction) }
	report, failure := load.Run(ctx, config)
	bar.end()
	if failure != nil && len(report.Lines()) == 0 {
		return failure
	}
	return errors.Join(failure, c.print(s, report))
}

// accounts registers the users that are missing and mints tokens for all.
func (c *benchCommand) accounts(ctx context.Context, n int, logger *slog.Logger) (_ []load.Account, err error) {
	keys, err := c.tokenKeys(&c.databaseFlags, false, logger)
	if err != nil {
		return nil, err
	}
	open, err := openSession(ctx, &c.commonFlags, logger)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, open.close()) }()
	accounts := make([]load.Account, n)
	group, registering := errgroup.WithContext(ctx)
	group.SetLimit(256) // they share commits
	for i := range accounts {
		id := load.AccountID(i)
		known := false
		open.view.Read(func(state *domain.State) { known = state.User(id) != nil })
		if !known {
			group.Go(func() error {
				_, err := open.commands.Register(registering, domain.RegisterUser{
					Actor: byOperator, UserID: id, Name: load.AccountName(i), Role: domain.RoleMember,
				})
				return err
			})
		}
		token, _, err := keys.Mint(auth.Grant{Subject: id, Type: auth.Access, TTL: c.lifetime()}, time.Now())
		if err != nil {
			return nil, errors.Join(err, group.Wait())
		}
		accounts[i] = load.Account{ID: id, Token: token}
	}
	return accounts, group.Wait()
}

// lifetime is for how long tokens are good: the whole run and then some.
func (c *benchCommand) lifetime() time.Duration {
	return time.Hour + 10*c.Duration + c.Settle
}

func (c *benchCommand) print(s streams, report load.Report) error {
	if c.JSON {
		return printJSON(s.out, report)
	}
	t := table{columns: []string{"scenario", "figure", "value"}}
	for _, line := range report.Lines() {
		t.add(line.Scenario, line.Figure, line.Value)
	}
	if err := t.print(s.out, false); err != nil {
		return err
	}
	for _, note := range report.Notes {
		fmt.Fprintln(s.out, "Note:", note)
	}
	return nil
}
