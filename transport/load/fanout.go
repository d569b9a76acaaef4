package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// fanout sends from one member of a group to all others, who are spread over the servers.
func (b *bench) fanout(ctx context.Context) (err error) {
	accounts := b.config.Accounts[:b.config.Members]
	b.progress("starting a group", 0)
	group, err := b.startGroup(ctx, accounts)
	if err != nil {
		return fmt.Errorf("start a group: %w", err)
	}
	s := b.stream(b.config.FanoutRate, len(accounts)-1)
	f, err := b.launch(ctx, accounts, func(n int, _ *client) handler {
		if n == 0 {
			return ignore
		}
		return s.receive
	})
	defer func() { err = closing(f, err) }()
	if err != nil {
		return err
	}
	s.from = func(int) (*client, address) { return f.clients[0], address{"conversation_id", group} }
	r, before, after, err := s.measure(b, f)
	if err != nil {
		return err
	}
	messages, deliveries := int64(len(r.worst)), r.received.Load()
	b.report.Fanout = &FanoutReport{
		Members: len(accounts), Rate: s.rate, Messages: messages, Deliveries: deliveries,
		Last: r.percentiles(), Cost: before.cost(after, deliveries, messages),
	}
	return nil
}

// startGroup starts a conversation between all accounts, by the first, and returns its id.
func (b *bench) startGroup(ctx context.Context, accounts []Account) (string, error) {
	request := struct {
		Title        string   `json:"title"`
		Participants []string `json:"participant_ids"`
	}{Title: "Bench"}
	for _, a := range accounts[1:] {
		request.Participants = append(request.Participants, a.ID.String())
	}
	body, err := json.Marshal(request)
	if err != nil {
		return "", err
	}
	target := strings.TrimSuffix(b.config.URLs[0], "/") + "/api/conversations"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+accounts[0].Token)
	r.Header.Set("Content-Type", "application/json")
	response, err := b.http.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusTooManyRequests {
		return "", ErrRateLimited
	}
	if response.StatusCode >= 300 {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 500)) // as far as it can be read
		return "", fmt.Errorf("the server answered %s: %s", response.Status, said)
	}
	var started struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&started); err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return started.ID, nil
}
