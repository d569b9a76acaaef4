package crowd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"chainmail/cmd/chaos/fleet"
	"chainmail/domain"
)

// client speaks to the HTTP API.
var client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// call asks one of the servers for something. Faults may keep it from being done: that is no error here.
func (c *Crowd) call(ctx context.Context, r *rand.Rand, by fleet.Account, method, path string, body any) (status int, answer []byte) {
	address := c.config.Where(r)
	if address == "" {
		return 0, nil
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // maps of ids and strings
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil
	}
	request.Header.Set("Authorization", "Bearer "+by.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	if response.StatusCode == http.StatusInternalServerError {
		c.strange.Store(fmt.Sprintf("%s %s: %s %s", method, path, response.Status, answer), true)
	}
	return response.StatusCode, answer
}

// startGroup starts a conversation.
func (c *Crowd) startGroup(ctx context.Context, r *rand.Rand, by fleet.Account, others []domain.ID) (domain.ID, error) {
	status, answer := c.call(ctx, r, by, http.MethodPost, "/api/conversations", map[string]any{"participant_ids": others, "title": "Everybody"})
	var started struct{ ID domain.ID }
	if status != http.StatusCreated || json.Unmarshal(answer, &started) != nil {
		return domain.ID{}, fmt.Errorf("start a group: %d %s", status, answer)
	}
	return started.ID, nil
}

// move has people join and leave groups, block one another, and erase what they wrote, until ctx ends or all is quiet.
func (c *Crowd) move(ctx context.Context) {
	random := rand.New(rand.NewPCG(c.config.Seed, 2))
	for pause(ctx, time.Duration(100+random.IntN(400))*time.Millisecond) && !c.quiet.Load() {
		g, who := c.groups[random.IntN(len(c.groups))], c.movers[random.IntN(len(c.movers))]
		switch random.IntN(6) {
		case 0, 1:
			c.call(ctx, random, g.starter, http.MethodPost, fmt.Sprintf("/api/conversations/%s/participants", g.id), map[string]any{"user_id": who.ID})
		case 2:
			by := []fleet.Account{g.starter, who}[random.IntN(2)] // removed, or left
			c.call(ctx, random, by, http.MethodDelete, fmt.Sprintf("/api/conversations/%s/participants/%s", g.id, who.ID), nil)
		case 3:
			c.block(ctx, random, who)
		default:
			d := c.devices[random.IntN(len(c.devices))]
			if id, ok := d.takeOwn(); ok {
				c.call(ctx, random, d.account, http.MethodDelete, fmt.Sprintf("/api/messages/%s/content", id), map[string]any{"reason": "sender"})
			}
		}
	}
}

// block has a mover block another, or think better of it.
func (c *Crowd) block(ctx context.Context, random *rand.Rand, who fleet.Account) {
	other := c.movers[random.IntN(len(c.movers))]
	switch {
	case other.ID == who.ID:
	case random.IntN(2) == 0:
		c.call(ctx, random, who, http.MethodPost, "/api/blocks", map[string]any{"user_id": other.ID})
	default:
		c.call(ctx, random, who, http.MethodDelete, "/api/blocks/"+other.ID.String(), nil)
	}
}
