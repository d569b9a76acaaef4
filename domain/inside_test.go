package domain

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain/wire"
)

// texts are strings of every kind: plain, with what JSON escapes, with bytes that are no UTF-8.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[ -~]{0,40}`),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{
			`\`, `"`, `\u2028`, "\u2028", "\u2029", "\ufffd", "\xff", "\x00", "\b", "\f", "\x1f", "\x7f", "<", "&", "u2029", "🙂",
		})), func(parts []string) string {
			var all string
			for _, p := range parts {
				all += p
			}
			return all
		}),
	)
}

func ids() *rapid.Generator[ID] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) ID { return ID(b) })
}

func drawMessage(t *rapid.T) *MessageSent {
	receiver, client, policy := ids().Draw(t, "receiver"), texts().Draw(t, "client"), texts().Draw(t, "policy")
	m := &MessageSent{
		MessageID: ids().Draw(t, "message"), ConversationID: ids().Draw(t, "conversation"), SenderID: ids().Draw(t, "sender"),
		ContentHash: texts().Draw(t, "hash"),
		RiskScore:   shares().Draw(t, "risk"),
	}
	if rapid.Bool().Draw(t, "direct") {
		m.ReceiverID = &receiver
	}
	if rapid.Bool().Draw(t, "named") {
		m.ClientMessageID = &client
	}
	if rapid.Bool().Draw(t, "judged") {
		m.PolicyHash = &policy
	}
	return m
}

// shares are numbers of every kind, most of them as scores and weights are.
func shares() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.Map(rapid.IntRange(0, 100), func(n int) float64 { return float64(n) / 100 }),
		rapid.SampledFrom([]float64{0, 1, 0.01, 0.07, 0.1, 0.5, 1e-7, 1e21, 2, -1, math.Copysign(0, -1)}),
		rapid.Float64(),
	)
}

func drawJudged(t *rapid.T) *MessageJudged {
	m := &MessageJudged{
		MessageID: ids().Draw(t, "message"), SenderID: ids().Draw(t, "sender"),
		RiskScore: shares().Draw(t, "risk"), PolicyHash: texts().Draw(t, "policy"),
		Reasons: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) RiskReason {
			return RiskReason{texts().Draw(t, "rule"), shares().Draw(t, "weight")}
		}), 0, 3).Draw(t, "reasons"),
	}
	if rapid.Bool().Draw(t, "no list") {
		m.Reasons = nil
	}
	if rapid.Bool().Draw(t, "asked") {
		m.Model = &ModelOpinion{
			Model: texts().Draw(t, "model"), Label: rapid.Ptr(texts(), true).Draw(t, "label"),
			Score: rapid.Ptr(shares(), true).Draw(t, "score"), Failure: rapid.Ptr(texts(), true).Draw(t, "failure"),
		}
	}
	return m
}

func drawBlocked(t *rapid.T) *MessageBlocked {
	m, judged := drawMessage(t), drawJudged(t)
	return &MessageBlocked{
		MessageID: m.MessageID, ConversationID: rapid.Ptr(ids(), true).Draw(t, "conversation or none"), SenderID: m.SenderID,
		ReceiverID: m.ReceiverID, ClientMessageID: m.ClientMessageID, ContentHash: m.ContentHash,
		RiskScore: judged.RiskScore, PolicyHash: judged.PolicyHash, Reasons: judged.Reasons, Model: judged.Model,
	}
}

func drawHot(t *rapid.T) any {
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return drawMessage(t)
	case 4:
		return drawJudged(t)
	case 5:
		return drawBlocked(t)
	case 1:
		return contentBody{texts().Draw(t, "content"), Salt(ids().Draw(t, "salt"))}
	case 2:
		return &MessageDelivered{ids().Draw(t, "m"), ids().Draw(t, "c"), ids().Draw(t, "s"), ids().Draw(t, "u")}
	}
	return &MessageRead{ids().Draw(t, "m"), ids().Draw(t, "c"), ids().Draw(t, "s"), ids().Draw(t, "u")}
}

// Both ways of writing give the same bytes.
func TestPlainIsReflected(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawHot(t)
		want, err := reflected(v)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := v.(plain).appendJSON([]byte("before"))
		if ok && string(got) != "before"+string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, err := marshal(v); err != nil || string(got) != string(want) {
			t.Errorf("marshal: got %s, %v, want %s", got, err, want)
		}
	})
}

// Only scores that are no scores are left to encoding/json.
func TestPlainWritesEveryScore(t *testing.T) {
	t.Parallel()
	for n := range 101 {
		score := float64(n) / 100
		for _, p := range []plain{
			&MessageSent{RiskScore: score},
			&MessageJudged{RiskScore: score, Reasons: []RiskReason{{"rule", score}}, Model: &ModelOpinion{Score: &score}},
			&MessageBlocked{RiskScore: score, Reasons: []RiskReason{{"rule", score}}, Model: &ModelOpinion{Score: &score}},
		} {
			if _, ok := p.appendJSON(nil); !ok {
				t.Errorf("%T with %v was left to encoding/json", p, score)
			}
		}
	}
}

func TestPlainLeavesOddScores(t *testing.T) {
	t.Parallel()
	for _, score := range []float64{1e-7, 0.001, 1.5, -0.5, 1e21} {
		for _, d := range []Data{
			&MessageSent{RiskScore: score},
			&MessageJudged{RiskScore: score},
			&MessageJudged{Reasons: []RiskReason{{"rule", 0.5}, {"rule", score}}},
			&MessageJudged{Model: &ModelOpinion{Score: &score}},
			&MessageBlocked{RiskScore: score},
		} {
			got, err := marshal(d)
			want, wantErr := reflected(d)
			if err != nil || wantErr != nil || string(got) != string(want) {
				t.Errorf("got %s, %v, want %s, %v", got, err, want, wantErr)
			}
		}
	}
}

// Both ways of reading give the same data.
func TestCanonicalIsJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawHot(t)
		raw, err := marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		checkCanonical(t, v, mangled(t, raw))
	})
}

func FuzzCanonicalIsJSON(f *testing.F) {
	id, text := ID{1}, "c"
	for _, v := range []any{
		&MessageSent{MessageID: id, ConversationID: id, SenderID: id},
		&MessageSent{MessageID: id, ConversationID: id, SenderID: id, ReceiverID: &id, ClientMessageID: &text, PolicyHash: &text, RiskScore: 0.25},
		&MessageRead{id, id, id, id}, contentBody{"words", Salt{1}},
	} {
		raw, err := marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, v := range []any{&MessageSent{}, &MessageDelivered{}, &MessageRead{}, contentBody{}} {
			checkCanonical(t, v, raw)
		}
	})
}

// mangled changes or adds a byte now and then, which must not make the two ways differ.
func mangled(t *rapid.T, raw []byte) []byte {
	if !rapid.Bool().Draw(t, "mangled") {
		return raw
	}
	b := rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte(`"\,0.-e{}`))).Draw(t, "byte")
	i := rapid.IntRange(0, len(raw)).Draw(t, "at")
	if i == len(raw) {
		return append(raw, b)
	}
	raw[i] = b
	return raw
}

// checkCanonical reads raw as a value of v's type in both ways.
func checkCanonical(t interface{ Errorf(string, ...any) }, v any, raw []byte) {
	var got, want any
	switch v := v.(type) {
	case contentBody:
		b, ok := readCanonicalContent(raw)
		if !ok {
			return
		}
		got, want = &b, new(contentBody)
	case Data:
		d := readCanonical(v.Type(), raw)
		if d == nil {
			return
		}
		got, want = d, newData(d.Type())
	}
	if err := json.Unmarshal(raw, want); err != nil {
		t.Errorf("%s was read, but: %v", raw, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, want %+v", raw, got, want)
	}
}

// Numbers and texts that Go would take, but JSON not.
func TestCanonicalTakesNoMoreThanJSON(t *testing.T) {
	t.Parallel()
	id := ID{1}
	raw, err := marshal(&MessageSent{MessageID: id, ConversationID: id, SenderID: id, RiskScore: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []string{"", "01", ".5", "1.", "+1", "0x1p-2", "Inf", "NaN", "1e999", "1_0", " 1", "null", `"0"`} {
		odd := bytes.Replace(raw, []byte("0.25"), []byte(number), 1)
		checkCanonical(t, new(MessageSent), odd)
	}
	for _, text := range []string{"\xff", "\xc3", "\xed\xa0\x80", "\x00", "\n", `\`, `\n`, `"`} {
		checkCanonical(t, contentBody{}, []byte(`{"content":"`+text+`","salt":"01020300000000000000000000000000"}`))
	}
}

// What is written without escapes is read the quick way.
func TestCanonicalReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	id, text := ID{1}, "c-1"
	for _, d := range []Data{
		&MessageSent{MessageID: id, ConversationID: id, SenderID: id},
		&MessageSent{MessageID: id, ConversationID: id, SenderID: id, ReceiverID: &id, ClientMessageID: &text, PolicyHash: &text, RiskScore: 0.25},
		&MessageDelivered{id, id, id, id},
		&MessageRead{id, id, id, id},
	} {
		raw, err := marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if got := readCanonical(d.Type(), raw); !reflect.DeepEqual(got, d) {
			t.Errorf("got %+v, want %+v", got, d)
		}
	}
	raw, err := marshal(contentBody{"Grüße 🙂", Salt{1}})
	if got, ok := readCanonicalContent(raw); err != nil || !ok || got.Content != "Grüße 🙂" || got.Salt != (Salt{1}) {
		t.Errorf("%s: got %+v, %t, %v", raw, got, ok, err)
	}
}

// encoding/json, whose escapes are changed, writes strings as wire does.
func TestReflectedStrings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := texts().Draw(t, "text")
		got, err := reflected(titleBody{Title: s})
		if err != nil {
			t.Fatal(err)
		}
		want := append(wire.AppendString([]byte(`{"title":`), s), `,"salt":"00000000000000000000000000000000"}`...)
		if string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
