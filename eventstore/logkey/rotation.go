package logkey

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"chainmail/domain"
)

// announcementHeader is the first line of an announcement. It can't be the origin of a checkpoint, which has
// no space, so that neither is ever taken for the other.
const announcementHeader = "chainmail log key rotation v1"

var errAnnouncement = errors.New("the announcement of a new log key")

// Announce makes the event by which next takes over from old: a signed note that both have signed, the old key
// to vouch for the new one, the new one to show that it is in the same hands. Both have the log's origin.
func Announce(old, next *Key) (domain.LogKeyRotated, error) {
	if old.Name() != next.Name() {
		return domain.LogKeyRotated{}, fmt.Errorf("the new key is of %q and the log's origin is %q", next.Name(), old.Name())
	}
	d := domain.LogKeyRotated{PreviousKey: old.Verifier, PublicKey: next.Verifier}
	signed, err := note.Sign(&note.Note{Text: announcement(&d)}, old, next)
	if err != nil {
		return domain.LogKeyRotated{}, err
	}
	d.Announcement = string(signed)
	return d, nil
}

// CheckAnnouncement reports whether both keys have signed what the event says.
func CheckAnnouncement(d *domain.LogKeyRotated) error {
	previous, err := note.NewVerifier(d.PreviousKey)
	if err != nil {
		return fmt.Errorf("%w: previous_key: %w", errAnnouncement, err)
	}
	next, err := note.NewVerifier(d.PublicKey)
	if err != nil {
		return fmt.Errorf("%w: public_key: %w", errAnnouncement, err)
	}
	if previous.Name() != next.Name() {
		return fmt.Errorf("%w: public_key is of another origin", errAnnouncement)
	}
	n, err := note.Open([]byte(d.Announcement), note.VerifierList(previous, next))
	if err != nil {
		return fmt.Errorf("%w: %w", errAnnouncement, err)
	}
	if len(n.Sigs) != 2 || d.PreviousKey == d.PublicKey {
		return fmt.Errorf("%w: it is not signed by both keys", errAnnouncement)
	}
	if n.Text != announcement(d) {
		return fmt.Errorf("%w: it announces another key", errAnnouncement)
	}
	return nil
}

func announcement(d *domain.LogKeyRotated) string {
	return announcementHeader + "\n" + d.PreviousKey + "\n" + d.PublicKey + "\n"
}
