package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"chainmail/domain"
	"chainmail/guard"
	"chainmail/guard/llm"
	"chainmail/transport/command"
	"chainmail/transport/judge"
)

// policyFlag says which policy judges.
type policyFlag struct {
	GuardPolicy string `placeholder:"FILE" help:"A guard policy in the place of the one in the program."`
}

// guard makes a guard of the policy and the program's classifier.
func (f policyFlag) guard() (*guard.Guard, error) {
	if f.GuardPolicy != "" {
		g, _, err := guard.Load(f.GuardPolicy, guard.ShippedClassifier())
		return g, err
	}
	policy, err := guard.ParsePolicy(guard.Shipped())
	if err != nil {
		return nil, err
	}
	return guard.New(policy, guard.ShippedClassifier())
}

// modelKeyVariable is the only place of the language model's key: a flag would show in the list of processes.
const modelKeyVariable = "CHAINMAIL_GUARD_LLM_KEY"

// modelFlags say which language model is asked in the uncertain middle.
type modelFlags struct {
	GuardLLMURL     string        `name:"guard-llm-url" placeholder:"URL" help:"An OpenAI-compatible address, such as https://host/v1, whose model is asked about uncertain messages; its key is in CHAINMAIL_GUARD_LLM_KEY (default: none is asked)."`
	GuardLLMModel   string        `name:"guard-llm-model" placeholder:"NAME" help:"The model's name at that address."`
	GuardLLMTimeout time.Duration `name:"guard-llm-timeout" default:"2s" placeholder:"TIME" help:"How long the model has for an answer about one message, at most 3s (default: ${default})."`
	GuardLLMFailure string        `name:"guard-llm-failure" enum:"allow,block" default:"allow" help:"What becomes of an uncertain message without an answer: ${enum} (default: ${default})."`
}

func (f modelFlags) check() error {
	switch {
	case f.GuardLLMURL == "" && f.GuardLLMModel != "":
		return errors.New("--guard-llm-model has no --guard-llm-url: give the address that serves the model")
	case f.GuardLLMURL != "" && f.GuardLLMModel == "":
		return errors.New("--guard-llm-url has no --guard-llm-model: give the model's name at that address")
	case f.GuardLLMTimeout <= 0 || f.GuardLLMTimeout > maxModelTimeout:
		return fmt.Errorf("--guard-llm-timeout is %s: it must be more than 0 and at most %s", f.GuardLLMTimeout, maxModelTimeout)
	case f.GuardLLMURL == "" && (f.GuardLLMFailure == failureBlocks || f.GuardLLMTimeout != llm.DefaultTimeout):
		return errors.New("--guard-llm-failure and --guard-llm-timeout have no --guard-llm-url: give the address of a model")
	}
	model, err := f.client()
	if model != nil {
		model.Close() // a mistake is told before the database starts
	}
	return err
}

// failureBlocks is the --guard-llm-failure that blocks.
const failureBlocks = "block"

// maxModelTimeout bounds --guard-llm-timeout: a client waits that long for an answer, and the server's end for the last ones, which
// has time for no more (shutdownTimeout).
const maxModelTimeout = 3 * time.Second

// client makes the client of the language model, nil when none is to be asked.
func (f modelFlags) client() (*llm.Client, error) {
	if f.GuardLLMURL == "" {
		return nil, nil
	}
	return llm.New(llm.Settings{
		URL: f.GuardLLMURL, Model: f.GuardLLMModel, Key: os.Getenv(modelKeyVariable), Timeout: f.GuardLLMTimeout,
	})
}

// policyInterval is how often the policy's files are looked at.
const policyInterval = 2 * time.Second

// startGuard installs the policy, so that the log has it before the first message that is judged by it, and lets everything be
// judged from here on.
func (s *server) startGuard(ctx context.Context) (*guard.Keeper, error) {
	model, err := s.command.client()
	if err != nil {
		return nil, err
	}
	// Nobody keeps the view up to date yet.
	commands := command.New(s.open.log, refreshing{s.open.view}, nil, s.logger)
	install := func(ctx context.Context, g *guard.Guard, policy []byte) error {
		if s.open.log.Doubt() != nil {
			return nil // nothing that is judged will be stored
		}
		return commands.InstallPolicy(ctx, policyEvent(g, policy))
	}
	keeper, err := guard.NewKeeper(ctx, s.command.GuardPolicy, guard.ShippedClassifier(), install)
	if err != nil {
		return nil, err
	}
	commands = s.open.commands
	s.judge = &judge.Judge{
		Guard: keeper.Guard, Model: model, Strict: s.command.GuardLLMFailure == failureBlocks,
		Unanswered: func(err error) {
			s.logger.Warn("the language model gives no opinion; told once a minute", "error", err)
		},
	}
	commands.UseJudge(s.judge)
	return keeper, nil
}

// policyEvent tells what a guard judges by.
func policyEvent(g *guard.Guard, policy []byte) domain.GuardPolicyInstalled {
	d := g.Describe()
	e := domain.GuardPolicyInstalled{PolicyHash: d.Policy, Policy: string(policy)}
	if d.Classifier != "" {
		e.ModelHash = &d.Classifier
	}
	for _, l := range d.Lists {
		e.Lists = append(e.Lists, domain.PolicyList{Name: l.Name, Hash: l.Hash, Entries: l.Entries})
	}
	return e
}

// reportPolicy says what became of a change of the policy's files.
func (s *server) reportPolicy(g *guard.Guard, err error) {
	if err != nil {
		s.logger.Error("the guard policy was not taken; the one before stays in force", "error", err)
		return
	}
	s.logger.Info("guard policy installed", "policy_hash", g.Policy().Hash())
}
