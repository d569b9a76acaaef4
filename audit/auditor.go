package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/merkle"
)

// Auditor checks one log: Check, as often as there are events, then Finish, once. It is for one
// goroutine.
type Auditor struct {
	findings findings
	events   int64
	leaf     []byte // the leaf being hashed, used again
	bodies   domain.BodyChecker
	order    order
	state    *domain.State
	wallets  map[string]domain.Position // of the accounts that have one
	keys     *keys
	seals    *seals
	messages *messages
	sequel   sequel
	outside  outside
}

// New returns an auditor that has seen nothing yet.
func New(o Options) *Auditor {
	a := &Auditor{
		order: newOrder(), state: domain.NewState(), wallets: make(map[string]domain.Position),
		outside: o.Checkpoints, messages: newMessages(o.TempDir),
	}
	a.keys = &keys{trusted: o.TrustedKeys}
	a.seals = newSeals(o.TempDir, a.keys, a.outside.sizes())
	return a
}

// Check looks at the events that follow those it was shown before, and attaches its data to each that can
// be read. Its error is of a temporary file; what is wrong with the log is for Finish to say.
func (a *Auditor) Check(events []domain.Event) error {
	for i := range events {
		if err := a.check(&events[i]); err != nil {
			return fmt.Errorf("audit the event at %d: %w", events[i].Position, err)
		}
	}
	return nil
}

func (a *Auditor) check(e *domain.Event) error {
	a.events++
	computed := a.hash(e)
	intact := computed == e.LeafHash
	if !intact {
		a.findings.add(e.Position, KindLeafHash, "the row is not the one whose hash is in leaf_hash")
	}
	data := a.decode(e)
	missing, inPlace := a.order.place(e, &a.findings)
	if !inPlace {
		return nil
	}
	if missing > 0 {
		a.seals.lose(missing)
		a.sequel.forget()
	}
	a.order.follow(e, intact, &a.findings)
	if err := a.seals.push(e.Position, e.LeafHash, computed); err != nil {
		return err
	}
	if e.Position == 1 {
		a.begin(data)
	}
	if data == nil {
		a.sequel.forget()
		_ = a.state.Apply(*e) // it was there, so that the notifications behind one that cannot be read still have their cause
		return nil
	}
	return a.follow(e, data)
}

// hash computes the leaf hash of a row (RFC 6962 §2.1).
func (a *Auditor) hash(e *domain.Event) merkle.Hash {
	a.leaf = eventstore.AppendLeaf(append(a.leaf[:0], 0), e)
	return sha256.Sum256(a.leaf)
}

// decode reads an event's data, nil if it can't be read, and checks its body. The data of an event with a bad
// body are those without one, so that what follows from the event is still known.
func (a *Auditor) decode(e *domain.Event) domain.Data {
	data, err := domain.Decode(e.WithData(nil))
	if err != nil && e.Body != nil && !errors.Is(err, domain.ErrUnknownType) {
		bare := e.WithData(nil)
		bare.Body = nil
		var without error
		if data, without = domain.Decode(bare); without == nil {
			a.findings.add(e.Position, KindBody, "%v", err)
			*e = e.WithData(data)
			return data
		}
	}
	switch {
	case errors.Is(err, domain.ErrUnknownType):
		a.findings.add(e.Position, KindUnknownType, "%v: a newer release has to check it", err)
		return nil
	case err != nil:
		a.findings.add(e.Position, KindEncoding, "%v", err)
		return nil
	}
	switch err := a.bodies.Check(data, e.Body); {
	case errors.Is(err, domain.ErrContentHash):
		a.findings.add(e.Position, KindContentHash, "%v", err)
	case err != nil:
		a.findings.add(e.Position, KindBody, "%v", err)
	}
	*e = e.WithData(data)
	return data
}

func (a *Auditor) begin(data domain.Data) {
	created, ok := data.(*domain.LogCreated)
	if !ok {
		a.findings.add(1, KindRule, "the log does not begin with LogCreated")
		return
	}
	a.keys.begin(created, &a.findings)
}

// follow checks what an event says against all that happened before it, and lets it happen.
func (a *Auditor) follow(e *domain.Event, data domain.Data) error {
	lawful := a.state.Lawful(*e, data)
	if lawful != nil {
		a.findings.add(e.Position, KindRule, "a %s that was not allowed: %v", e.Type, lawful)
	}
	switch d := data.(type) {
	case *domain.LogKeyRotated:
		a.keys.rotate(e.Position, d, &a.findings)
	case *domain.MerkleBatchSealed:
		if err := a.seals.check(e.Position, d, &a.findings); err != nil {
			return err
		}
	case *domain.UserRegistered:
		a.wallet(e.Position, d)
	}
	release := a.sequel.next(e, data, &a.findings)
	if err := a.messages.note(e, data, release); err != nil {
		return err
	}
	if err := a.state.Apply(*e); err != nil && lawful == nil {
		a.findings.add(e.Position, KindRule, "%v", err)
	}
	return nil
}

func (a *Auditor) wallet(at domain.Position, d *domain.UserRegistered) {
	if d.WalletAddress == "" {
		return
	}
	if holder, taken := a.wallets[d.WalletAddress]; taken {
		a.findings.add(at, KindRule, "its wallet address is that of the account registered at %d", holder)
		return
	}
	a.wallets[d.WalletAddress] = at
}

// Finish says what was found, once all events were shown. The claims are what others say of the log's length.
func (a *Auditor) Finish(claims []Claim) (Summary, error) {
	err := a.finish(claims)
	if err = errors.Join(err, a.Close()); err != nil {
		return Summary{}, fmt.Errorf("finish the audit: %w", err)
	}
	return Summary{Events: a.events, Sealed: a.seals.good, Findings: a.findings.sorted()}, nil
}

func (a *Auditor) finish(claims []Claim) error {
	head := a.order.next - 1
	if err := a.seals.finish(&a.findings); err != nil {
		return err
	}
	a.sequel.finish(&a.findings)
	if err := a.messages.finish(a.state, &a.findings); err != nil {
		return err
	}
	a.keys.finish(&a.findings)
	a.outside.finish(head, a.keys, a.seals, &a.findings)
	for _, c := range claims {
		if c.Position > head {
			a.findings.add(head+1, KindEnd, "the log ends at %d, but %s is at %d", head, c.By, c.Position)
		}
	}
	return nil
}

// Close removes the temporary files of an audit that is given up; after Finish there are none.
func (a *Auditor) Close() error { return errors.Join(a.seals.close(), a.messages.close()) }
