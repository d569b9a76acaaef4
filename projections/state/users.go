package state

import (
	"context"
	"fmt"
	"strings"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections"
)

// users are the accounts that a batch makes and ends.
type users struct {
	registered  []registration
	deactivated []deactivation
}

type registration struct {
	event domain.Event
	data  *domain.UserRegistered
}

type deactivation struct {
	event domain.Event
	user  domain.ID
}

func (u *users) register(e domain.Event, d *domain.UserRegistered) {
	u.registered = append(u.registered, registration{e, d})
}

func (u *users) deactivate(e domain.Event, d *domain.UserDeactivated) {
	u.deactivated = append(u.deactivated, deactivation{e, d.UserID})
}

// fold makes names comparable: lower case by Unicode, which a database's lower() gives in some
// locales only.
func fold(name string) string { return strings.ToLower(name) }

const insertUsersSQL = `
	INSERT INTO users (id, name, folded_name, name_parts, wallet_address, role, active, created_at, position)
	SELECT u.id, u.name, u.folded_name,
		ARRAY(
			SELECT DISTINCT substr(u.folded_name, n, 3) COLLATE "C" AS part
			FROM generate_series(1, char_length(u.folded_name) - 2) AS n
			ORDER BY part
		),
		u.wallet_address, u.role, true, u.created_at, u.position
	FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[])
		AS u (id, name, folded_name, wallet_address, role, created_at, position)`

const deactivateUsersSQL = `
	UPDATE users
	SET active = false, deactivated_at = d.at
	FROM unnest($1::uuid[], $2::timestamptz[]) AS d (id, at)
	WHERE users.id = d.id`

func (u *users) write(ctx context.Context, tx transaction) error {
	if len(u.registered) > 0 {
		if err := u.insert(ctx, tx); err != nil {
			return fmt.Errorf("insert users: %w", err)
		}
	}
	if len(u.deactivated) == 0 {
		return nil
	}
	ids, times := pgarray.NewUUIDs(), pgarray.NewTimes()
	for _, d := range u.deactivated {
		ids.UUID(d.user)
		times.Time(d.event.RecordedAt)
	}
	result, err := tx.ExecContext(ctx, deactivateUsersSQL, ids.Bytes(), times.Bytes())
	if err != nil {
		return fmt.Errorf("deactivate users: %w", err)
	}
	return projections.Affected("users to deactivate", result, len(u.deactivated))
}

func (u *users) insert(ctx context.Context, tx transaction) error {
	ids, names, folded := pgarray.NewUUIDs(), pgarray.NewTexts(), pgarray.NewTexts()
	wallets, roles := pgarray.NewTexts(), pgarray.NewTexts()
	times, positions := pgarray.NewTimes(), pgarray.NewInt8s()
	for _, r := range u.registered {
		ids.UUID(r.data.UserID)
		names.Text(r.data.Name)
		folded.Text(fold(r.data.Name))
		textOrNull(wallets, r.data.WalletAddress)
		roles.Text(string(r.data.Role))
		times.Time(r.event.RecordedAt)
		positions.Int8(int64(r.event.Position))
	}
	_, err := tx.ExecContext(ctx, insertUsersSQL, ids.Bytes(), names.Bytes(), folded.Bytes(),
		wallets.Bytes(), roles.Bytes(), times.Bytes(), positions.Bytes())
	return err
}

// textOrNull adds a text, or NULL for the empty one.
func textOrNull(b *pgarray.Builder, text string) {
	if text == "" {
		b.Null()
		return
	}
	b.Text(text)
}
