package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/guard"
	"chainmail/guard/whatif"
)

type guardTry struct {
	commonFlags
	Policy   string `required:"" placeholder:"FILE" help:"The policy to try. Its lists are beside it."`
	From     int64  `default:"1" placeholder:"P" help:"Try it on events from this position on (default: all)."`
	Examples int    `default:"10" placeholder:"N" help:"Show at most so many examples of each kind (default: ${default})."`
	JSON     bool   `help:"Print JSON."`
}

func (c *guardTry) Help() string {
	return "Judges the messages, titles and names of the log by a policy, and shows what it would block that was sent, and send that was" +
		" blocked. Nothing is changed, and a server may run meanwhile. No language model is asked: what one said at the time counts" +
		" where the policy would have it asked.\n\n" +
		"It is a question and no check: exit status 0 says that it is answered, whatever the answer; 2 that the policy is broken.\n\n" +
		"Examples:\n  chainmail guard try --policy new.yaml\n  chainmail guard try --policy new.yaml --from 100000 --examples 50 --json"
}

// Run reads the log and compares.
func (c *guardTry) Run(ctx context.Context, s streams) (err error) {
	switch {
	case c.From < 1:
		return fmt.Errorf("--from is %d: positions begin at 1", c.From)
	case c.Examples < 0:
		return fmt.Errorf("--examples is %d: give a number from 0 on", c.Examples)
	}
	g, _, err := guard.Load(c.Policy, guard.ShippedClassifier())
	if err != nil {
		return err
	}
	open, err := openReading(ctx, &c.commonFlags, c.logger(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, open.close()) }()
	if head := int64(open.log.Head()); c.From > max(head, 1) {
		return fmt.Errorf("--from is %d: the log ends at %d", c.From, head)
	}
	began := time.Now()
	tried, err := c.try(ctx, open.log, g, newProgress(s.err))
	if errors.Is(err, eventstore.ErrDamaged) {
		return finding{err}
	}
	if err != nil {
		return err
	}
	tried.took = time.Since(began)
	if c.JSON {
		return printJSON(s.out, tried)
	}
	return tried.print(s.out)
}

// triedRules is how many of the rules that messages met are shown.
const triedRules = 20

// tried is what came of it.
type tried struct {
	policy     string // its file
	took       time.Duration
	PolicyHash string          `json:"policy_hash"`
	ModelHash  string          `json:"model_hash"`
	From       domain.Position `json:"from"`
	To         domain.Position `json:"to"`
	whatif.Report
}

// tryPage is how many events are read at once.
const tryPage = 1000

// try reads one page while another is judged.
func (c *guardTry) try(ctx context.Context, log *eventstore.Log, g *guard.Guard, bar *progress) (*tried, error) {
	trial := whatif.NewTrial(g, domain.Position(c.From), c.Examples)
	head := log.Head()
	bar.show("trying the policy", 0)
	defer bar.end()
	pages := make(chan []domain.Event) // no room: the reader waits with a page in hand
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(pages)
		return readPages(ctx, log, domain.Position(c.From)-1-whatif.Context, head, pages)
	})
	group.Go(func() error {
		reading := tenths{bar: bar}
		for events := range pages {
			if err := trial.Take(events); err != nil {
				return err
			}
			at := int64(events[len(events)-1].Position)
			reading.show("trying the policy", ", #"+audit.Count(at), float64(at-c.From+1)/float64(int64(head)-c.From+1))
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	d := g.Describe()
	return &tried{
		policy: c.Policy, PolicyHash: d.Policy, ModelHash: d.Classifier,
		From: domain.Position(c.From), To: head, Report: trial.Report(triedRules),
	}, nil
}

// readPages hands over the events after a position, up to another.
func readPages(ctx context.Context, log *eventstore.Log, after, upTo domain.Position, pages chan<- []domain.Event) error {
	for after = max(after, 0); after < upTo; {
		events, err := log.Read(ctx, after, int(min(tryPage, upTo-after)))
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return fmt.Errorf("%w: nothing after %d", eventstore.ErrDamaged, after)
		}
		select {
		case pages <- events:
		case <-ctx.Done():
			return ctx.Err()
		}
		after = events[len(events)-1].Position
	}
	return nil
}
