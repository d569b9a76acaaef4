package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/google/uuid"

	"chainmail/transport/httpapi/openapitest"
)

// pool has what earlier answers gave, so that later requests can be about it. It is bounded: of each kind the last count.
type pool struct {
	mu   sync.Mutex
	kept map[string][]known // guarded by mu; by kind, at most poolSize each
}

// known is what somebody was told.
type known struct {
	text  string
	token string // whose; empty where everybody was told
}

const poolSize = 200

func (p *pool) put(kind, text, token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := (known{text, token}); !slices.Contains(p.kept[kind], k) {
		p.kept[kind] = append(p.kept[kind], k)
	}
	if len(p.kept[kind]) > poolSize {
		p.kept[kind] = p.kept[kind][1:]
	}
}

// take returns one of a kind, if there is one.
func (g *requests) take(kind string) (string, bool) {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	all := g.pool.kept[kind]
	if len(all) == 0 {
		return "", false
	}
	k := all[g.IntN(len(all))]
	if g.told == "" {
		g.told = k.token
	}
	return k.text, true
}

// kindOf says what the value of a field is an id of: conversation_id of conversations, participant_ids of users.
func kindOf(field string) string {
	name := strings.TrimSuffix(strings.TrimSuffix(field, "s"), "_id")
	switch name {
	case "user", "sender", "receiver", "participant", "freelancer", "author":
		return "users"
	}
	return name + "s"
}

// kindOfPath says what an id in a path is one of, by the segment before it.
func kindOfPath(path, name string) string {
	before, _, _ := strings.Cut(path, "/{"+name+"}")
	if kind := before[strings.LastIndexByte(before, '/')+1:]; name == "id" {
		return kind
	}
	return kindOf(name)
}

// learn keeps what an answer gave: ids, cursors, refresh tokens.
func (p *pool) learn(op *openapitest.Operation, value any, token string) {
	segments := strings.Split(op.Path, "/")
	kind := segments[min(2, len(segments)-1)]
	if kind == "guard" {
		kind = "blocked"
	}
	p.learnFrom(op, kind, value, token)
}

func (p *pool) learnFrom(op *openapitest.Operation, kind string, value any, token string) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			p.learnFrom(op, kind, item, token)
		}
	case map[string]any:
		for name, inner := range v {
			text, _ := inner.(string)
			_, isID := uuid.Parse(text)
			switch {
			case name == "next_cursor" && text != "":
				p.put("cursor of "+op.ID, text, token)
			case name == "refresh_token":
				p.put(name, text, "")
			case name == "id" && isID == nil:
				p.put(kind, text, token)
			case isID == nil:
				p.put(kindOf(name), text, token)
			case name == "items":
				p.learnFrom(op, kind, inner, token)
			case name == "participants" || name == "user":
				p.learnFrom(op, "users", inner, "")
			}
		}
	}
}

// texts are words that people write, and that programs stumble over.
var texts = []string{
	"hello", "See you at eight.", "<b>bold</b> & \"quoted\"", "'; DROP TABLE events; --", "naïve café", "שלום", "你好，世界", "👩‍👩‍👧‍👦 ok",
	"tab\tand\nnew line", "%s %d %n", "../../etc/passwd", "\\u0000", "null", "0", "\u202Eright to left", "e\u0301", "\uFEFFmark", "\U0010FFFF",
}

// scam is what the guard keeps from being sent.
const scam = "MetaMask support here: your wallet is suspended. Send me your seed phrase to validate your wallet."

// value makes a value that a schema allows, as far as the schema tells.
func (g *requests) value(s *openapitest.Schema, kind, name string) any {
	s = s.Target()
	switch {
	case len(s.Enum) > 0:
		return s.Enum[g.IntN(len(s.Enum))]
	case len(s.OneOf) > 0:
		return g.value(s.OneOf[g.IntN(len(s.OneOf))], kind, name)
	case len(s.Types) == 0:
		return nil
	}
	switch s.Types[0] {
	case "object":
		object := make(map[string]any)
		for _, property := range slices.Sorted(maps.Keys(s.Properties)) {
			if slices.Contains(s.Required, property) || g.IntN(2) == 0 {
				object[property] = g.value(s.Properties[property], kindOf(property), property)
			}
		}
		return object
	case "array":
		list := make([]any, between(g.Rand, s.MinItems, s.MaxItems, 4))
		for i := range list {
			list[i] = g.value(s.Items, kind, name)
		}
		return list
	case "integer", "number":
		return g.number(s)
	case "boolean":
		return g.IntN(2) == 0
	}
	return g.text(s, kind, name)
}

func (g *requests) number(s *openapitest.Schema) any {
	low, high := int64(-5), int64(1_000)
	if s.Minimum != nil {
		low = int64(*s.Minimum)
	}
	if s.Maximum != nil {
		high = min(high, int64(*s.Maximum))
	}
	if g.IntN(4) > 0 {
		high = min(high, low+20)
	}
	return low + g.Int64N(high-low+1)
}

// text prefers what the server gave before.
func (g *requests) text(s *openapitest.Schema, kind, name string) string {
	if s.Format == "uuid" {
		return g.id(kind)
	}
	if name == "cursor" {
		kind = "cursor of " + kind
	} else if name == "refresh_token" {
		kind = name
	}
	if kept, ok := g.take(kind); ok && g.IntN(8) > 0 {
		return kept
	}
	if len(s.Examples) > 0 && (g.IntN(4) == 0 || s.Pattern != "") {
		return fmt.Sprint(s.Examples[0])
	}
	if g.IntN(12) == 0 && s.MaxLength != nil && *s.MaxLength >= len(scam) {
		return scam
	}
	n := between(g.Rand, s.MinLength, s.MaxLength, 80)
	var b strings.Builder
	for b.Len() == 0 || utf8.RuneCountInString(b.String()) < n {
		b.WriteString(texts[g.IntN(len(texts))])
	}
	if s.MaxLength != nil && utf8.RuneCountInString(b.String()) > *s.MaxLength {
		return string([]rune(b.String())[:*s.MaxLength])
	}
	return b.String()
}

// id is mostly one of the kind, sometimes one of something else, or of nothing.
func (g *requests) id(kind string) string {
	if id, ok := g.take(kind); ok && g.IntN(10) > 0 {
		return id
	}
	if id, ok := g.take([]string{"users", "messages", "conversations"}[g.IntN(3)]); ok && g.IntN(2) == 0 {
		return id
	}
	return uuid.NewString()
}

// between draws a length that a schema allows, near the shortest one and seldom the longest.
func between(r *rand.Rand, low, high *int, span int) int {
	from := 0
	if low != nil {
		from = *low
	}
	to := from + span
	if high != nil {
		if to = min(to, *high); r.IntN(50) == 0 {
			return *high
		}
	}
	return from + r.IntN(to-from+1)
}
