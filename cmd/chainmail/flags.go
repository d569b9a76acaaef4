package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"chainmail/projections/checkpoint"
)

// commonFlags are those of every command, so that one set of flags serves for all.
type commonFlags struct {
	databaseFlags
	keyFlags
	logKeyFlags
	checkpointFlags
	outputFlags
}

// databaseFlags say where the log is.
type databaseFlags struct {
	DatabaseURL       string `env:"CHAINMAIL_DATABASE_URL,DATABASE_URL" placeholder:"URL" help:"PostgreSQL 15 or later. Without it Chainmail runs a PostgreSQL of its own in --data-dir."`
	DirectDatabaseURL string `env:"CHAINMAIL_DIRECT_DATABASE_URL" placeholder:"URL" help:"The database's own address, where --database-url is that of a pooler in transaction mode: for sessions, which it cannot give."`
	DataDir           string `placeholder:"DIR" help:"Where keys and the embedded database are kept (default: /var/lib/chainmail for root, else ~/.local/share/chainmail)."`
	Embedded          bool   `default:"true" negatable:"" help:"Allow the embedded PostgreSQL; with --embedded=false a missing --database-url is an error."`
}

// dir is the data directory.
func (f *databaseFlags) dir() (string, error) {
	if f.DataDir != "" {
		return filepath.Abs(f.DataDir)
	}
	if os.Geteuid() == 0 {
		return "/var/lib/chainmail", nil
	}
	if base := os.Getenv("XDG_DATA_HOME"); base != "" {
		return filepath.Join(base, "chainmail"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home directory; set --data-dir: %w", err)
	}
	return filepath.Join(home, ".local", "share", "chainmail"), nil
}

// keyFlags say which keys vouch for tokens.
type keyFlags struct {
	JWTSecret   []string `name:"jwt-secret" sep:"," placeholder:"SECRET" help:"HS256 key of at least 32 bytes; may be repeated, the first signs."`
	JWTJWKSURL  string   `name:"jwt-jwks-url" placeholder:"URL" help:"Keys of an outside issuer of tokens, instead of --jwt-secret."`
	JWTIssuer   string   `name:"jwt-issuer" placeholder:"NAME" help:"Required claim iss."`
	JWTAudience string   `name:"jwt-audience" placeholder:"NAME" help:"Required claim aud."`
}

// logKeyFlags say which key vouches for the log.
type logKeyFlags struct {
	LogKeyFile string `placeholder:"FILE" help:"The log's Ed25519 key (default: log.key in --data-dir)."`
	LogOrigin  string `placeholder:"NAME" help:"The log's name in checkpoints, used when the log is created (default: chainmail/<log id>)."`
}

// checkpointFlags say where the last checkpoint is kept that a server saw.
type checkpointFlags struct {
	CheckpointFile string `placeholder:"FILE" help:"Where a server keeps the last checkpoint it saw; a log that does not contain it is not appended to (default: checkpoint in --data-dir)."`
}

func (f *checkpointFlags) kept(d *databaseFlags) (checkpoint.File, error) {
	if f.CheckpointFile != "" {
		return checkpoint.File(f.CheckpointFile), nil
	}
	dir, err := d.dir()
	if err != nil {
		return "", fmt.Errorf("or --checkpoint-file: %w", err)
	}
	return checkpoint.File(filepath.Join(dir, "checkpoint")), nil
}

// outputFlags say how the program talks about itself.
type outputFlags struct {
	LogFormat string `enum:"text,json" default:"text" help:"Format of log lines: ${enum}."`
	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"Least level of log lines: ${enum}."`
}

func (f outputFlags) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		level = slog.LevelInfo // the enum lets nothing else through
	}
	options := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
