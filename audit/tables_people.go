package audit

import (
	"time"

	"chainmail/domain"
)

// userRow is a row of users.
type userRow struct {
	name, wallet, role string // empty for none
	created            time.Time
	deactivated        time.Time // zero while active
	position           domain.Position
}

func (t *Tables) register(e domain.Event, d *domain.UserRegistered) {
	t.users[d.UserID] = &userRow{
		name: d.Name, wallet: d.WalletAddress, role: string(d.Role), created: e.RecordedAt, position: e.Position,
	}
}

func (t *Tables) deactivate(e domain.Event, d *domain.UserDeactivated) {
	if u := t.users[d.UserID]; u != nil {
		u.deactivated = e.RecordedAt
	}
}

func (t *Tables) userTable() Table {
	table := Table{Name: "users", Columns: []string{
		"id", "name", "wallet_address", "role", "active", "created_at", "deactivated_at", "position",
	}}
	for _, id := range sortedKeys(t.users) {
		u := t.users[id]
		table.Rows = append(table.Rows, []any{
			id, u.name, textOrNull(u.wallet), u.role, u.deactivated.IsZero(), u.created,
			timeOrNull(u.deactivated), int64(u.position),
		})
	}
	return table
}

// blockRow is a row of user_blocks.
type blockRow struct{ created time.Time }

func (t *Tables) block(e domain.Event, d *domain.UserBlocked) {
	k := pair{d.UserID, d.BlockedID}
	if t.blocks[k] == nil {
		t.blocks[k] = &blockRow{e.RecordedAt}
	}
}

func (t *Tables) blockTable() Table {
	table := Table{Name: "user_blocks", Columns: []string{"user_id", "blocked_id", "created_at"}}
	for _, k := range sortedPairs(t.blocks) {
		table.Rows = append(table.Rows, []any{k[0], k[1], t.blocks[k].created})
	}
	return table
}

func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// numberOrNull is for positions and versions, which begin at 1.
func numberOrNull[T ~int64](n T) any {
	if n == 0 {
		return nil
	}
	return int64(n)
}
