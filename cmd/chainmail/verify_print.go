package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"chainmail/audit"
	"chainmail/domain"
)

// shown is what a proof that holds shows, and what it does not.
type shown struct {
	Verifies      bool            `json:"verifies"` // always true: what does not verify is not shown
	Origin        string          `json:"origin"`
	TreeSize      int64           `json:"tree_size"`
	RootHash      string          `json:"root_hash"`
	SignedBy      []string        `json:"signed_by"` // verifier keys
	Index         int64           `json:"index"`
	Position      domain.Position `json:"position"`
	EventID       domain.ID       `json:"event_id"`
	Type          domain.Type     `json:"type"`
	Stream        domain.StreamID `json:"stream"`
	StreamVersion domain.Version  `json:"stream_version"`
	RecordedAt    any             `json:"recorded_at"`
	Payload       json.RawMessage `json:"payload"`
	Metadata      json.RawMessage `json:"metadata"`
	Words         string          `json:"words"`
	DoesNotShow   []string        `json:"does_not_show"`

	message  *domain.MessageSent    // nil for other events
	released domain.ID              // who let the message pass, which the guard had blocked; else zero
	blocked  *domain.MessageBlocked // nil for other events
}

// What can be said of the words.
const (
	wordsMatch    = "match"
	wordsNotGiven = "not given"
	wordsNone     = "none" // the event is no message
)

// describe takes over what the leaf says. Data is nil for an event of a newer release.
func (s *shown) describe(e domain.Event, data domain.Data) {
	s.Index, s.Position, s.EventID = int64(e.Position)-1, e.Position, e.ID
	s.Type, s.Stream, s.StreamVersion = e.Type, e.Stream, e.Version
	s.RecordedAt, s.Payload, s.Metadata = optionalTime(e.RecordedAt), e.Payload, e.Metadata
	s.Words = wordsNone
	switch d := data.(type) {
	case *domain.MessageSent:
		s.message, s.Words = d, wordsNotGiven
		if m, err := domain.ParseMetadata(e.Metadata); err == nil && m.ActorID != nil && *m.ActorID != d.SenderID {
			s.released = *m.ActorID
		}
	case *domain.MessageBlocked:
		s.blocked, s.Words = d, wordsNotGiven
	}
}

// limits are what a proof of this kind does not show.
func (s *shown) limits() []string {
	limits := []string{
		"that the one it names did it: the log's key vouches for what the server recorded; nobody signs an event himself",
		"that nothing came after: a later event may undo it",
	}
	switch {
	case s.blocked != nil:
		limits = []string{
			"that its sender wrote it: the log's key vouches for what the server took from the sender's account; nobody signs a message himself",
			"that nothing came after: an admin may let it pass, and it is sent under another id then, or the words may be erased",
		}
	case s.message != nil:
		limits = []string{
			"that the sender wrote it: the log's key vouches for what the server took from the sender's account; nobody signs a message himself",
			"that nothing came after: the words may be erased, or answered, at a later position",
		}
	}
	if s.Words == wordsNotGiven {
		limits = append([]string{"what the words were: give them with --content and --salt, or take the proof as JSON"}, limits...)
	}
	return append(limits,
		"who else has seen it, or whether anybody has",
		"that everybody is shown the same log: compare checkpoints of one log with others, and keep them",
		"who a user id is in real life",
		"when it was, except by the clock of the log's database",
	)
}

func (s *shown) print(w io.Writer) error {
	fmt.Fprintf(w, "The proof holds: this event is in the log.\n\n")
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	line := func(name string, value any) { fmt.Fprintf(tw, "%s\t%s\n", name, audit.Printable(fmt.Sprint(value))) }
	line("log", s.Origin)
	line("tree size", s.TreeSize)
	line("root hash", s.RootHash)
	for _, key := range s.SignedBy {
		line("signed by", key)
	}
	line("position", fmt.Sprintf("%d (leaf index %d)", s.Position, s.Index))
	line("event", s.Type)
	line("event id", s.EventID)
	line("stream", s.Stream)
	switch {
	case s.message != nil:
		s.printSent(line)
	case s.blocked != nil:
		s.printBlocked(line)
	default:
		line("stream version", s.StreamVersion)
		line("recorded at", s.RecordedAt)
		line("payload", string(s.Payload))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nIt does not show\n")
	for _, limit := range s.DoesNotShow {
		fmt.Fprintf(w, "  - %s\n", limit)
	}
	return nil
}

func (s *shown) printSent(line func(name string, value any)) {
	m := s.message
	line("seq", s.StreamVersion)
	line("recorded at", s.RecordedAt)
	line("message", m.MessageID)
	line("sender", m.SenderID)
	if m.ReceiverID != nil {
		line("receiver", m.ReceiverID)
	}
	if !s.released.IsZero() {
		line("released by", s.released.String()+": the guard had blocked what the sender wrote, and an admin let it pass")
	}
	s.printWords(line, m.ContentHash)
}

func (s *shown) printBlocked(line func(name string, value any)) {
	m := s.blocked
	line("stream version", s.StreamVersion)
	line("recorded at", s.RecordedAt)
	line("message", m.MessageID.String()+": blocked by the guard, not sent")
	line("sender", m.SenderID)
	if m.ReceiverID != nil {
		line("receiver", *m.ReceiverID)
	}
	line("risk score", m.RiskScore)
	if len(m.Reasons) > 0 {
		line("rules", strings.Join(domain.RuleNames(m.Reasons), ", "))
	}
	line("policy hash", m.PolicyHash)
	s.printWords(line, m.ContentHash)
}

func (s *shown) printWords(line func(name string, value any), contentHash string) {
	line("content hash", contentHash)
	line("words", map[string]string{wordsMatch: "match: the message says just this", wordsNotGiven: "not checked"}[s.Words])
}
