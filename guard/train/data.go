package train

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Benign is the label of a message that is fine; every other label is bad.
const Benign = "benign"

// Message is a labelled message.
type Message struct {
	Text   string `json:"text"`
	Label  string `json:"label"`         // benign, spam, scam, abuse or injection
	Source string `json:"source"`        // where it was collected
	Sub    string `json:"sub,omitempty"` // a kind within the label or source
}

// Bad says whether the guard should stop the message.
func (m Message) Bad() bool { return m.Label != Benign }

// doubtful says whether the label is not worth learning from: a language model gave those of x-janitr, and called many an ordinary announcement spam. Results are
// measured on these messages all the same.
func (m Message) doubtful() bool { return m.Source == "x-janitr" && m.Label == "spam" }

var labels = []string{Benign, "spam", "scam", "abuse", "injection"}

// maxLine bounds a line of training data, in bytes.
const maxLine = 1 << 20

// Read reads messages, a JSON object a line. An error names the line.
func Read(r io.Reader) ([]Message, error) {
	var messages []Message
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var m Message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, fmt.Errorf("read training data: line %d: %w", n, err)
		}
		if err := m.check(); err != nil {
			return nil, fmt.Errorf("read training data: line %d: %w", n, err)
		}
		messages = append(messages, m)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read training data: %w", err)
	}
	return messages, nil
}

func (m Message) check() error {
	if m.Text == "" {
		return fmt.Errorf("no text")
	}
	if m.Source == "" {
		return fmt.Errorf("no source")
	}
	for _, label := range labels {
		if m.Label == label {
			return nil
		}
	}
	return fmt.Errorf("label %q is none of %s", m.Label, strings.Join(labels, ", "))
}
