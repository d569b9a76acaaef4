package train

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the data
	"fmt"
)

// Origins and licences: data/README.md.

//go:embed data/dev.jsonl.gz
var collected []byte

//go:embed data/extra.jsonl
var written []byte

// Data returns the messages from which the shipped model is made: those collected by others, then those written for this project.
func Data() ([]Message, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(collected))
	if err != nil {
		return nil, fmt.Errorf("unpack training data: %w", err)
	}
	messages, err := Read(unpacked)
	if err != nil {
		return nil, err
	}
	more, err := Read(bytes.NewReader(written))
	return append(messages, more...), err
}
