// Command chainmail is the server and all its tools in one binary. This package only parses
// flags, joins the packages and turns errors into exit statuses; `chainmail --help` lists the
// commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// endings are the signals that ask the program to end. A terminal that is closed is one, unless it is not to matter (nohup).
func endings() []os.Signal {
	asked := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		asked = append(asked, syscall.SIGHUP)
	}
	return asked
}

// The exit statuses.
const (
	exitDone    = 0
	exitFinding = 1 // a finding, or a refusal
	exitUsage   = 2 // wrong usage, or an environment that does not work
)

// commands is the command line.
type commands struct {
	Serve      serveCommand      `cmd:"" help:"Run the server: WebSocket, HTTP API, projections and the web page."`
	Migrate    migrateCommand    `cmd:"" help:"Apply or show the schema migrations."`
	User       userCommand       `cmd:"" help:"Manage accounts."`
	Token      tokenCommand      `cmd:"" help:"Mint a token for a user and print it."`
	Replay     replayCommand     `cmd:"" help:"Read the log in order, verify it, and show it."`
	Rebuild    rebuildCommand    `cmd:"" help:"Build projections anew from the log, beside the live ones, and swap them in."`
	Import     importCommand     `cmd:"" help:"Load what replay --export wrote into an empty database."`
	LogKey     logKeyCommand     `cmd:"" help:"Show the log's keys, or announce a new one."`
	Checkpoint checkpointCommand `cmd:"" help:"Show the checkpoint that a server keeps, or accept a log that lacks it."`
	Verify     verifyCommand     `cmd:"" help:"Check a proof file offline, without a database."`
	Guard      guardCommand      `cmd:"" help:"Judge texts, explain past verdicts, try policies, train the classifier."`
	Doctor     doctorCommand     `cmd:"" help:"Check database, schema, projections, keys and clock, and say what to do."`
	Bench      benchCommand      `cmd:"" help:"Load a running server and report throughput, latency and cost."`

	PostgresKeeper keeperCommand `cmd:"" hidden:"" help:"Keep the embedded PostgreSQL running (started by the other commands)."`
}

// Help is what --help says besides the list of commands.
func (commands) Help() string {
	return "Every flag has an environment variable, which --help of a command names; a secret may also be in a file" +
		" that the variable with _FILE behind its name points to.\n\n" +
		"Examples:\n  chainmail serve --demo\n  chainmail user add Alice"
}

// streams are what a command reads and writes besides the database.
type streams struct {
	out, err io.Writer
}

// run is the program: it returns the exit status. ctx ends on the signals that ask it to.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	forgetEmptyVariables()
	if err := errors.Join(readSecretFiles(), preferTLS()); err != nil {
		fmt.Fprintln(stderr, "chainmail:", err)
		return exitUsage
	}
	var c commands
	exited := false
	parser, err := kong.New(&c,
		kong.Name("chainmail"),
		kong.Description("Chat that can prove itself: an event-sourced messaging server."),
		kong.UsageOnError(),
		kong.DefaultEnvars("CHAINMAIL"),
		kong.Vars{"projections": projectionNames()},
		kong.Writers(stdout, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Exit(func(int) { exited = true }), // after --help
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(streams{stdout, stderr}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "chainmail:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited {
		return exitDone
	}
	if err != nil {
		fmt.Fprintf(stderr, "chainmail: %v\nSee: chainmail --help\n", err)
		return exitUsage
	}
	return report(stderr, parsed.Run())
}

// finding is an error that stands for exit status 1; its text is for the user.
type finding struct{ err error }

func (f finding) Error() string { return f.err.Error() }
func (f finding) Unwrap() error { return f.err }

// silent is a finding that has been printed already.
var errSilent = errors.New("findings were printed")

func report(stderr io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if !errors.Is(err, errSilent) {
		fmt.Fprintln(stderr, "chainmail:", withAdvice(err))
	}
	var f finding
	if errors.As(err, &f) || errors.Is(err, errSilent) {
		return exitFinding
	}
	return exitUsage
}
