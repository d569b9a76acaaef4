package eventstore

import (
	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// maxBatch is how many events go into one commit at most; there the cost of a commit no longer shows.
const maxBatch = 500

// batch is what one call of append_events writes. Its arrays are used again for the next batch.
type batch struct {
	commands []command
	events   int
	keys     map[domain.Key]struct{}        // taken or claimed by commands of the batch
	holders  map[domain.Key]domain.Position // the events that have taken keys, as far as the batch's end has told
	decides  map[domain.StreamID]struct{}   // streams that commands of the batch decide on
	at       domain.Position                // the oldest state that a command was decided on

	versions versions                  // of streams, as far as they are known
	ranks    map[domain.StreamID]int32 // how many events of the batch each stream has

	ids, streams, rank, known, types, payloads, metadatas, bodies, deciding, eraseOf *pgarray.Builder
	keyIDs, keyOrdinals, keyClaims                                                   *pgarray.Builder
	expectStreams, expectVersions, expectOrdinals                                    *pgarray.Builder
}

func newBatch() *batch {
	return &batch{
		keys: make(map[domain.Key]struct{}), holders: make(map[domain.Key]domain.Position), decides: make(map[domain.StreamID]struct{}),
		ranks: make(map[domain.StreamID]int32),
		ids:   pgarray.NewUUIDs(), known: pgarray.NewInt8s(), eraseOf: pgarray.NewInt8s(), rank: pgarray.NewInt4s(),
		streams: pgarray.NewTexts(), types: pgarray.NewTexts(), payloads: pgarray.NewTexts(),
		metadatas: pgarray.NewTexts(), bodies: pgarray.NewTexts(), deciding: pgarray.NewBools(),
		keyIDs: pgarray.NewUUIDs(), keyOrdinals: pgarray.NewInt4s(), keyClaims: pgarray.NewBools(),
		expectStreams: pgarray.NewTexts(), expectVersions: pgarray.NewInt8s(), expectOrdinals: pgarray.NewInt4s(),
	}
}

// fill takes commands from the front of pending until the batch is full, and returns those that have to wait for the next one: what is
// over the size, and what rests on an earlier command of this very batch (a repeat of it, or a decision on a stream that it
// decides), aside in number. Of commands that come again, which are the first of pending, it takes no others beside them: those
// could be refused too, again and again, and nobody's would be stored meanwhile.
func (b *batch) fill(pending []command, again int) (waiting []command, aside int) {
	b.reset()
	waiting = pending[:0]
	for i, c := range pending {
		if b.events > 0 && (c.alone || b.events+len(c.ids) > maxBatch || i == again) {
			return append(waiting, pending[i:]...), aside
		}
		if b.restsOnBatch(&c) {
			waiting = append(waiting, c)
			aside++
			continue
		}
		b.add(c)
		if c.alone {
			return append(waiting, pending[i+1:]...), aside
		}
	}
	return waiting, aside
}

func (b *batch) restsOnBatch(c *command) bool {
	for _, k := range c.decision.Keys {
		if _, taken := b.keys[k]; taken {
			return true
		}
	}
	if len(b.decides) == 0 {
		return false
	}
	for _, e := range c.decision.Expect {
		if _, decided := b.decides[e.Stream]; decided {
			return true
		}
	}
	return false
}

func (b *batch) add(c command) {
	ordinal := int32(b.events + 1)
	d := c.decision
	for i, draft := range d.Drafts {
		e := &c.encoded[i]
		b.ids.UUID(c.ids[i])
		b.streams.Text(string(draft.Stream))
		b.ranks[draft.Stream]++
		b.rank.Int4(b.ranks[draft.Stream])
		if v, ok := b.versions.of(draft.Stream); ok {
			b.known.Int8(int64(v))
		} else {
			b.known.Null()
		}
		b.types.Text(string(e.Type))
		b.payloads.Raw(e.Payload)
		b.metadatas.Raw(e.Metadata)
		if e.Body != nil {
			b.bodies.Raw(e.Body)
		} else {
			b.bodies.Null()
		}
		deciding := e.Type.Deciding()
		b.deciding.Bool(deciding)
		if deciding {
			b.decides[draft.Stream] = struct{}{}
		}
		b.eraseOf.Int8(int64(draft.Erases))
	}
	for _, k := range d.Keys {
		b.addKey(k, ordinal, false)
	}
	for _, k := range d.Claims {
		b.addKey(k, ordinal, true)
	}
	for _, x := range d.Expect {
		b.expectStreams.Text(string(x.Stream))
		b.expectVersions.Int8(int64(x.Version))
		b.expectOrdinals.Int4(ordinal)
	}
	if len(b.commands) == 0 || d.At < b.at {
		b.at = d.At
	}
	b.commands = append(b.commands, c)
	b.events += len(c.ids)
}

func (b *batch) addKey(k domain.Key, ordinal int32, claim bool) {
	b.keys[k] = struct{}{}
	b.keyIDs.UUID(k)
	b.keyOrdinals.Int4(ordinal)
	b.keyClaims.Bool(claim)
}

func (b *batch) reset() {
	clear(b.commands)
	b.commands, b.events, b.at = b.commands[:0], 0, 0
	clear(b.keys)
	clear(b.holders)
	clear(b.decides)
	clear(b.ranks)
	for _, a := range []*pgarray.Builder{
		b.ids, b.known, b.eraseOf, b.streams, b.types, b.payloads, b.metadatas, b.bodies, b.deciding, b.rank,
		b.keyIDs, b.keyOrdinals, b.keyClaims, b.expectStreams, b.expectVersions, b.expectOrdinals,
	} {
		a.Reset()
	}
}
