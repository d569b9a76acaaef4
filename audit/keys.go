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

// rotate takes a new key if the current one vouches for it. One that the log has had before is taken as well, so
// that the seals it signs are not findings each: the finding is that it returns.
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
	if before := slices.IndexFunc(k.list, func(key announced) bool { return sameKey(key.verifier, verifier) }); before >= 0 {
		f.add(at, KindLogKey, "the log's new key is the one that was announced at %d: a key that was replaced does not return",
			k.list[before].position)
	}
	k.list = append(k.list, announced{verifier: verifier, text: d.PublicKey, position: at})
}

// sameKey reports whether a signed note cannot tell two keys apart (C2SP signed-note): it names neither's text.
func sameKey(a, b note.Verifier) bool { return a.Name() == b.Name() && a.KeyHash() == b.KeyHash() }

// current is the key that signs from here on, nil if the log has none.
func (k *keys) current() *announced {
	if len(k.list) == 0 {
		return nil
	}
	return &k.list[len(k.list)-1]
}

// verifiers returns the log's keys, each once, as merkle.OpenCheckpoint demands.
func (k *keys) verifiers() []note.Verifier {
	var all []note.Verifier
	for _, key := range k.list {
		if !slices.ContainsFunc(all, func(v note.Verifier) bool { return sameKey(v, key.verifier) }) {
			all = append(all, key.verifier)
		}
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
