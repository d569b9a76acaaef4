package audit_test

import (
	"testing"

	"chainmail/domain"
)

// story is a history in a database with something of everything, and where it is.
type story struct {
	*history
	alice, bob, carol, root domain.ID
	team                    domain.ID

	hello, gone, plan, late domain.MessageRef // gone is erased; late is not sealed
	risky, passed           domain.MessageRef // risky was judged, passed was released
	stopped, held           kept              // both were blocked; stopped is erased, held is passed

	policy, registered, started, delivered, read, erased, blocked, added, left domain.Position
	seal1, rotated, seal2                                                      domain.Position

	project, task, moved, announced, told, noticed domain.Position // carol was told, and noticed
}

func tellStory(t testing.TB) *story {
	t.Helper()
	s := &story{history: newHistory(t)}
	s.alice, s.bob = s.user("Alice", domain.RoleMember), s.user("Bob", domain.RoleMember)
	s.carol, s.root = s.user("Carol", domain.RoleMember), s.user("Root", domain.RoleAdmin)
	s.registered = s.state.Position
	s.hello = s.write(s.bob, s.alice, "hello \"Bob\"")
	s.delivered = s.acknowledged(s.hello, s.bob)
	s.read = s.seen(s.hello, s.bob)
	s.gone = s.write(s.alice, s.bob, "what I should not have said")
	s.seal1 = s.seal()
	s.erased = s.erase(s.gone, s.bob)
	s.team = s.group("Plans", s.alice, s.bob)
	s.started = s.state.Position
	s.added = s.may(s.state.Add(domain.AddParticipant{Actor: as(s.alice), ConversationID: s.team, UserID: s.carol}))
	s.plan = s.say(s.team, s.carol, "we meet at noon")
	s.seen(s.plan, s.alice)
	s.acknowledged(s.plan, s.bob)
	s.left = s.may(s.state.Remove(domain.RemoveParticipant{Actor: as(s.root), ConversationID: s.team, UserID: s.carol}))
	s.blocked = s.may(s.state.Block(domain.BlockUser{Actor: as(s.alice), UserID: s.carol}))
	s.policy = s.install("strict")
	s.risky = s.judged(s.team, s.bob, "a little risky")
	s.stopped = s.keepBackIn(s.team, s.bob, "your recovery phrase?")
	s.held = s.keepBackIn(s.team, s.bob, "my garden's recovery")
	s.erase(s.stopped.ref(), s.root)
	s.passed = s.release(s.held, s.root)
	s.labour()
	s.rotated = s.rotate()
	s.seal2 = s.seal()
	s.late = s.write(s.bob, s.alice, "not sealed yet")
	s.seen(s.late, s.bob)
	return s
}

// labour has the people of the story work, with something of everything.
func (s *story) labour() {
	s.t.Helper()
	var project, task domain.ID
	var news toldRef
	project, s.project = s.history.project(s.alice, "Website")
	task, s.task = s.history.task(s.alice, project, s.bob, "Logo")
	s.moved = s.move(s.bob, task, domain.TaskInProgress)
	s.announced = s.announce(s.root, "Welcome")
	news, s.told = s.notify(s.root, s.carol, "News")
	s.noticed = s.notice(news)
}

// tamper does to the log what only the tables' owner can.
func (h *history) tamper(query string, args ...any) error {
	h.t.Helper()
	tx, err := h.db.SQL.Begin()
	if err != nil {
		h.t.Fatal(err)
	}
	defer tx.Rollback() // nothing after Commit
	for _, switching := range []string{
		`ALTER TABLE events DISABLE TRIGGER USER`,
		`ALTER TABLE events_000000 DISABLE TRIGGER USER`,
	} {
		if _, err := tx.Exec(switching); err != nil {
			h.t.Fatal(err)
		}
	}
	if _, err := tx.Exec(query, args...); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		h.t.Fatal(err)
	}
	return nil
}

// must is tamper where PostgreSQL has nothing against it.
func (h *history) must(query string, args ...any) {
	h.t.Helper()
	if err := h.tamper(query, args...); err != nil {
		h.t.Fatal(err)
	}
}

const repairLeafSQL = `
	UPDATE events
	SET leaf_hash = sha256('\x00'::bytea || event_leaf(position, event_id, stream, stream_version, type,
		payload::text, metadata::text, (extract(epoch FROM recorded_at) * 1000000)::bigint))
	WHERE position = $1`

// repair makes the row's leaf_hash fit, as a forger would.
func (h *history) repair(at domain.Position) {
	h.t.Helper()
	h.must(repairLeafSQL, at)
}
