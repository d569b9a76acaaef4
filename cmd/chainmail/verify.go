package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"chainmail/audit"
	"chainmail/domain"
)

type verifyCommand struct {
	Proof   string       `arg:"" help:"A file with the proof of a message, as JSON or as tlog-proof; - for standard input."`
	LogKey  string       `placeholder:"KEY" help:"The log's verifier key as you know it, or a file with one a line. Never taken from the proof."`
	Content string       `placeholder:"FILE" help:"The words, to the byte, to hold against the proof."`
	Salt    *domain.Salt `placeholder:"HEX" help:"The salt of the words, 32 hex digits."`
	JSON    bool         `help:"Print JSON."`
}

func (c *verifyCommand) Help() string {
	return "Needs no database and no network. The keys are at /api/log-key; have them from somebody you trust, or keep them from an earlier day." +
		" Exit status 1 says that the proof does not hold.\n\n" +
		"Example:\n  chainmail verify message.json --log-key log.keys\n  chainmail verify message.tlog-proof --log-key log.keys --content words.txt --salt 00112233445566778899aabbccddeeff"
}

var errNoLogKey = errors.New("--log-key is missing: name the log's verifier key, or a file that has it; " +
	"a proof cannot vouch for itself, so have the key from somewhere else")

func (c *verifyCommand) Run(s streams) error {
	if (c.Content == "") != (c.Salt == nil) {
		return errors.New("--content and --salt belong together: give both, or neither")
	}
	if c.Proof == "-" && c.Content == "-" {
		return errors.New("the proof and --content cannot both be -, standard input: put one into a file")
	}
	if c.LogKey == "" {
		return errNoLogKey
	}
	keys, err := readTrustedKeys(c.LogKey)
	if err != nil {
		return fmt.Errorf("--log-key: %w", err)
	}
	var given *words
	if c.Content != "" {
		content, err := readSmall(c.Content)
		if err != nil {
			return fmt.Errorf("--content: %w", err)
		}
		given = &words{string(content), *c.Salt}
	}
	raw, err := readSmall(c.Proof)
	if errors.Is(err, errTooLarge) {
		return finding{fmt.Errorf("no proof: %w", err)}
	}
	if err != nil {
		return err
	}
	shown, err := examineProof(raw, keys, given)
	if errors.Is(err, errWords) {
		return finding{err}
	}
	if err != nil {
		return finding{fmt.Errorf("the proof does not hold: %s", audit.Printable(err.Error()))}
	}
	if c.JSON {
		return printJSON(s.out, shown)
	}
	return shown.print(s.out)
}

// maxSmall is how many bytes a proof may have, and everything else that verify reads.
const maxSmall = 1 << 20

var errTooLarge = fmt.Errorf("larger than %d bytes", maxSmall)

// readSmall reads a file, or standard input for "-". It returns errTooLarge for more than maxSmall bytes.
func readSmall(path string) ([]byte, error) {
	file := os.Stdin
	if path != "-" {
		var err error
		if file, err = os.Open(path); err != nil {
			return nil, err
		}
		defer file.Close()
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxSmall+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxSmall {
		return nil, fmt.Errorf("%s: %w", path, errTooLarge)
	}
	return raw, nil
}
