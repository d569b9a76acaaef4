package audit

import (
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"chainmail/domain"
	"chainmail/eventstore/logkey"
)

// keys are those that the log has announced in good order, the first one first.
type keys struct {
	trusted []string // from outside; none: the first key is believed
	origin  string
	list    []announced
}

type announced struct {
	verifier note.Verifier
	text     string
	position domain.Position // of the event that announces it
	sealed   bool            // a good seal is signed with it
}

func (k *keys) begin(d *domain.LogCreated, f *findings) {
	verifier, err := note.NewVerifier(d.PublicKey)
	if err != nil {
		f.add(1, KindLogKey, "the log's first key cannot be read: %v", err)
		return
	}
	if verifier.Name() != d.Origin {
		f.add(1, KindLogKey, "the log's first key is named %q instead of its origin %q", verifier.Name(), d.Origin)
	}
	k.origin = verifier.Name()
	k.list = append(k.list, announced{verifier: verifier, text: d.PublicKey, position: 1})
}

// rotate takes a new key if the current one vouches for it.
func (k *keys) rotate(at domain.Position, d *domain.LogKeyRotated, f *findings) {
	current := k.current()
	if current == nil || current.text != d.PreviousKey {
		f.add(at, KindLogKey, "a new key is announced by one that is not the log's at this position")
		return
	}
	if err := logkey.CheckAnnouncement(d); err != nil {
		f.add(at, KindLogKey, "%v", err)
		return
	}
	verifier, err := note.NewVerifier(d.PublicKey)
	if err != nil {
		f.add(at, KindLogKey, "%v", err)
		return
	}
	k.list = append(k.list, announced{verifier: verifier, text: d.PublicKey, position: at})
}

// current is the key that signs from here on, nil if the log has none.
func (k *keys) current() *announced {
	if len(k.list) == 0 {
		return nil
	}
	return &k.list[len(k.list)-1]
}

func (k *keys) verifiers() []note.Verifier {
	var all []note.Verifier
	for _, key := range k.list {
		all = append(all, key.verifier)
	}
	return all
}

// finish holds the log's keys against those that are trusted. A trusted key vouches for what follows it, since
// it or a key that it announced signed for the next one; and for what comes before it by a seal, of
// its own or of a key that follows it.
func (k *keys) finish(f *findings) {
	if len(k.trusted) == 0 {
		return
	}
	first := slices.IndexFunc(k.list, func(key announced) bool {
		return slices.ContainsFunc(k.trusted, func(text string) bool { return strings.TrimSpace(text) == key.text })
	})
	switch {
	case first < 0:
		f.add(1, KindLogKey, "none of the trusted keys is among the log's: this may be another log, or a forged one (%s)",
			strings.Join(k.trusted, ", "))
	case first == 0:
	case !slices.ContainsFunc(k.list[first:], func(key announced) bool { return key.sealed }):
		f.add(1, KindLogKey, "the trusted key is the log's from %d on, and no seal signed since then vouches for what came before",
			k.list[first].position)
	}
}
