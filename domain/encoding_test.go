package domain_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"chainmail/domain"
)

const (
	version1 = `{"schema_version":1,"actor_id":null,"session_id":null,"auth":"system"}`
	idText   = `"0190a3b2-77aa-7cde-8123-456789abcdef"`
	zeroText = `"00000000-0000-0000-0000-000000000000"`
	receipt  = `{"message_id":` + idText + `,"conversation_id":` + idText + `,"sender_id":` + idText + `,"user_id":` + idText + `}`
)

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name                    string
		of                      domain.Type
		payload, metadata, body string
	}{
		{"no JSON", domain.TypeMessageRead, `{`, version1, ""},
		{"nothing", domain.TypeMessageRead, ``, version1, ""},
		{"null", domain.TypeLogCreated, `null`, version1, ""},
		{"a list", domain.TypeMessageRead, `[]`, version1, ""},
		{"more than one object", domain.TypeMessageRead, receipt + receipt, version1, ""},
		{"no ids", domain.TypeMessageRead, `{}`, version1, ""},
		{"one id missing", domain.TypeMessageRead, strings.Replace(receipt, "sender_id", "x", 1), version1, ""},
		{"an id that means none", domain.TypeMessageRead, strings.Replace(receipt, idText, zeroText, 1), version1, ""},
		{"an id that is none", domain.TypeMessageDelivered, strings.Replace(receipt, "0190", "zzzz", 1), version1, ""},
		{"a receiver that means none", domain.TypeMessageSent, `{"message_id":` + idText + `,"conversation_id":` + idText +
			`,"sender_id":` + idText + `,"receiver_id":` + zeroText + `}`, version1, ""},
		{"a body where there is none", domain.TypeMessageRead, receipt, version1, `{}`},
		{"a body that is no JSON", domain.TypeMessageSent, receipt, version1, `{"content":`},
		{"a body and more", domain.TypeMessageSent, receipt, version1, `{"content":"x","salt":"` + strings.Repeat("0", 32) + `"}}`},
		{"a salt that is too short", domain.TypeMessageSent, receipt, version1, `{"content":"x","salt":"01"}`},
		{"a salt that is no hex", domain.TypeMessageSent, receipt, version1, `{"content":"x","salt":"` + strings.Repeat("x", 32) + `"}`},
		{"a user's body that is no JSON", domain.TypeUserRegistered, `{"user_id":` + idText + `}`, version1, `{`},
		{"a user's body without a name", domain.TypeUserRegistered, `{"user_id":` + idText + `}`, version1, `{}`},
		{"a title's body that is no JSON", domain.TypeConversationStarted, `{}`, version1, `{`},
		{"a title's body without a title", domain.TypeConversationStarted, `{}`, version1, `{}`},
		{"nobody in a conversation", domain.TypeConversationStarted,
			`{"conversation_id":` + idText + `,"starter_id":` + idText + `,"participant_ids":[]}`, version1, ""},
		{"somebody twice in a conversation", domain.TypeConversationStarted,
			`{"conversation_id":` + idText + `,"starter_id":` + idText + `,"participant_ids":[` + idText + `,` + idText + `]}`, version1, ""},
		{"erased from nowhere", domain.TypeContentErased,
			`{"message_id":` + idText + `,"conversation_id":` + idText + `,"erased_by":` + idText + `}`, version1, ""},
		{"erased, with a conversation that means none", domain.TypeContentErased,
			`{"message_id":` + idText + `,"conversation_id":` + zeroText + `,"erased_position":1,"erased_by":` + idText + `}`, version1, ""},
		{"erased in no conversation and of no sender", domain.TypeContentErased,
			`{"message_id":` + idText + `,"conversation_id":null,"erased_position":1,"erased_by":` + idText + `}`, version1, ""},
		{"erased in a conversation and of a sender", domain.TypeContentErased,
			`{"message_id":` + idText + `,"conversation_id":` + idText + `,"erased_position":1,"erased_by":` + idText +
				`,"sender_id":` + idText + `}`, version1, ""},
		{"a policy's body that is no JSON", domain.TypeGuardPolicyInstalled, `{"policy_hash":"5a"}`, version1, `{`},
		{"a policy's body without a policy", domain.TypeGuardPolicyInstalled, `{"policy_hash":"5a"}`, version1, `{}`},
		{"a policy without a hash", domain.TypeGuardPolicyInstalled, `{}`, version1, ""},
		{"a blocked message's body that is no JSON", domain.TypeMessageBlocked, `{}`, version1, `{"content":`},
		{"a verdict without a policy", domain.TypeMessageJudged,
			`{"message_id":` + idText + `,"sender_id":` + idText + `,"reasons":[]}`, version1, ""},
		{"metadata that is no JSON", domain.TypeMessageRead, receipt, `{`, ""},
		{"no metadata", domain.TypeMessageRead, receipt, ``, ""},
		{"no version", domain.TypeMessageRead, receipt, `{}`, ""},
		{"a version before the first", domain.TypeMessageRead, receipt, `{"schema_version":0}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := domain.Event{Type: tc.of, Payload: []byte(tc.payload), Metadata: []byte(tc.metadata)}
			if tc.body != "" {
				e.Body = []byte(tc.body)
			}
			d, err := domain.Decode(e)
			if err == nil || errors.Is(err, domain.ErrUnknownType) {
				t.Errorf("got %+v, %v, want an error of the bytes", d, err)
			}
		})
	}
}

func TestDecodeUnknown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, metadata string
		of             domain.Type
	}{
		{"type", version1, "MessageSung"},
		{"no type", version1, ""},
		{"version", `{"schema_version":2}`, domain.TypeMessageRead},
		{"version that begins like ours", `{"schema_version":10,"auth":"cli"}`, domain.TypeMessageRead},
	} {
		_, err := domain.Decode(domain.Event{Type: tc.of, Payload: []byte(receipt), Metadata: []byte(tc.metadata)})
		if !errors.Is(err, domain.ErrUnknownType) {
			t.Errorf("%s: got %v, want ErrUnknownType", tc.name, err)
		}
	}
}

// Bytes that mean the same as those that are written are read alike.
func TestDecodeOtherForms(t *testing.T) {
	t.Parallel()
	want, err := domain.Decode(domain.Event{Type: domain.TypeMessageRead, Payload: []byte(receipt), Metadata: []byte(version1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]domain.Event{
		"white space":    {Payload: []byte(" " + strings.ReplaceAll(receipt, ",", " ,\n")), Metadata: []byte(version1)},
		"a new field":    {Payload: []byte(strings.Replace(receipt, "{", `{"new":[{}],`, 1)), Metadata: []byte(version1)},
		"upper case":     {Payload: []byte(strings.ReplaceAll(receipt, "abcdef", "ABCDEF")), Metadata: []byte(version1)},
		"other metadata": {Payload: []byte(receipt), Metadata: []byte(`{ "auth": "cli", "schema_version": 1 }`)},
	} {
		e.Type = domain.TypeMessageRead
		if got, err := domain.Decode(e); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestEncodeRefusesWhatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	notANumber := messageSent(hello, team, alice)
	notANumber.RiskScore = math.NaN()
	noReceiver := messageSent(hello, team, alice)
	noReceiver.ReceiverID = new(domain.ID)
	change := func(of func(*domain.MessageBlocked)) domain.Data {
		d := keptBack(team, alice)[0].(*domain.MessageBlocked)
		of(d)
		return d
	}
	unsure := math.NaN()
	for name, d := range map[string]domain.Data{
		"no message":                    messageSent(domain.ID{}, team, alice),
		"no conversation":               messageSent(hello, domain.ID{}, alice),
		"no sender":                     messageSent(hello, team, domain.ID{}),
		"a receiver that is nobody":     noReceiver,
		"no number":                     notANumber,
		"no log":                        &domain.LogCreated{Origin: "chainmail.example"},
		"no user":                       &domain.UserDeactivated{},
		"nobody registered":             &domain.UserRegistered{Name: "x"},
		"nobody added":                  added(team, domain.ID{}, alice)[0],
		"nobody adding":                 added(team, bob, domain.ID{})[0],
		"nobody removing":               removed(team, bob, domain.ID{})[0],
		"nobody delivered to":           &domain.MessageDelivered{MessageID: hello, ConversationID: team, SenderID: alice},
		"nobody who delivered":          &domain.MessageDelivered{MessageID: hello, ConversationID: team, UserID: alice},
		"nobody who reads":              &domain.MessageRead{MessageID: hello, ConversationID: team, SenderID: alice},
		"nothing erased":                erased(alice, 0, domain.ReasonSender)[0],
		"nobody blocked":                blocked(alice, domain.ID{})[0],
		"nobody unblocking":             unblocked(domain.ID{}, bob)[0],
		"participants out of order":     &domain.ConversationStarted{ConversationID: team, StarterID: bob, ParticipantIDs: []domain.ID{bob, alice}},
		"a participant who is nobody":   &domain.ConversationStarted{ConversationID: team, StarterID: bob, ParticipantIDs: []domain.ID{{}, bob}},
		"a conversation of nobody":      &domain.ConversationStarted{ConversationID: team, StarterID: bob},
		"no policy":                     &domain.GuardPolicyInstalled{Policy: strict},
		"a verdict on no message":       &domain.MessageJudged{SenderID: alice, PolicyHash: "5a"},
		"a verdict on nobody":           &domain.MessageJudged{MessageID: hello, PolicyHash: "5a"},
		"a verdict of no policy":        &domain.MessageJudged{MessageID: hello, SenderID: alice},
		"a verdict that is no number":   why(alice, unsure, nil)[0],
		"a reason that is no number":    why(alice, 0.5, nil, because("rule", unsure))[0],
		"an opinion that is no number":  why(alice, 0.5, asked("spam", unsure))[0],
		"no blocked message":            change(func(d *domain.MessageBlocked) { d.MessageID = domain.ID{} }),
		"a blocked message of nobody":   change(func(d *domain.MessageBlocked) { d.SenderID = domain.ID{} }),
		"a blocked message nowhere":     change(func(d *domain.MessageBlocked) { d.ConversationID = nil }),
		"blocked in no conversation":    change(func(d *domain.MessageBlocked) { d.ConversationID = new(domain.ID) }),
		"blocked to nobody":             change(func(d *domain.MessageBlocked) { d.ReceiverID = new(domain.ID) }),
		"blocked by no policy":          change(func(d *domain.MessageBlocked) { d.PolicyHash = "" }),
		"a release of nothing":          releasedAt(0, team),
		"a release into nothing":        releasedAt(1, domain.ID{}),
		"a release by nobody":           &domain.MessageReleased{MessageID: hello, BlockedPosition: 1, SenderID: alice, ReleasedID: later, ConversationID: team},
		"erased in no conversation":     erasedLater(domain.ID{}, alice, 1, domain.ReasonSender)[0],
		"erased of nobody":              &domain.ContentErased{MessageID: hello, SenderID: new(domain.ID), ErasedPosition: 1, ErasedBy: alice},
		"erased of nobody, nowhere":     &domain.ContentErased{MessageID: hello, ErasedPosition: 1, ErasedBy: alice},
		"a conversation nobody started": &domain.ConversationStarted{ConversationID: team, ParticipantIDs: []domain.ID{bob}},
	} {
		if got, err := domain.Encode(d, as(alice)); err == nil {
			t.Errorf("%s: got %s", name, got.Payload)
		}
	}
}

// An erased body takes everything personal with it, and the payload stays as it was.
func TestDecodeErased(t *testing.T) {
	t.Parallel()
	for name, d := range samples() {
		encoded, err := domain.Encode(d, writer(d))
		if err != nil {
			t.Fatal(err)
		}
		got, err := domain.Decode(domain.Event{Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := domain.Encode(got, writer(d))
		if err != nil || again.Body != nil || string(again.Payload) != string(encoded.Payload) {
			t.Errorf("%s: got %s, %s, %v, want %s", name, again.Payload, again.Body, err, encoded.Payload)
		}
	}
}

func TestDecodeKnowsWhatHasNoBody(t *testing.T) {
	t.Parallel()
	for name, d := range samples() {
		encoded, err := domain.Encode(d, writer(d))
		if err != nil {
			t.Fatal(err)
		}
		if encoded.Body != nil || strings.HasPrefix(name, "MessageSent") || strings.HasPrefix(name, "MessageBlocked") {
			continue
		}
		got, err := domain.Decode(domain.Event{
			Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata, Body: []byte(`{}`),
		})
		if err == nil {
			t.Errorf("%s: got %+v, want its body refused", name, got)
		}
	}
}

func TestDecodeTakesAttachedData(t *testing.T) {
	t.Parallel()
	want := messageSent(hello, team, alice)
	got, err := domain.Decode(domain.Event{Type: domain.TypeMessageSent}.WithData(want))
	if err != nil || got != domain.Data(want) {
		t.Errorf("got %+v, %v, want the very data", got, err)
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	someone, session := alice, id(0x01)
	for _, tc := range []struct {
		name  string
		actor domain.Actor
		want  domain.Metadata
	}{
		{"a wallet's session", as(alice), domain.Metadata{ActorID: &someone, SessionID: &session, Auth: domain.AuthWallet}},
		{"a token", domain.Actor{ID: alice, Auth: domain.AuthToken}, domain.Metadata{ActorID: &someone, Auth: domain.AuthToken}},
		{"the server", domain.Actor{Auth: domain.AuthSystem}, domain.Metadata{Auth: domain.AuthSystem}},
		{"no fixed word", domain.Actor{Auth: `"}`}, domain.Metadata{Auth: `"}`}},
	} {
		encoded, err := domain.Encode(messageSent(hello, team, alice), tc.actor)
		if err != nil {
			t.Fatal(err)
		}
		tc.want.SchemaVersion = domain.SchemaVersion
		got, err := domain.ParseMetadata(encoded.Metadata)
		if err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %+v, %v, want %+v", tc.name, got, err, tc.want)
		}
	}
}

func TestSalt(t *testing.T) {
	t.Parallel()
	const text = "01020300000000000000000000000000"
	if got := salt.String(); got != text {
		t.Errorf("got %s, want %s", got, text)
	}
	var got domain.Salt
	if err := got.UnmarshalText([]byte(text)); err != nil || got != salt {
		t.Errorf("got %s, %v, want %s", got, err, salt)
	}
}

func TestHashes(t *testing.T) {
	t.Parallel()
	if got, want := domain.ContentHash(salt, "Grüße 🙂"), "424aa34b26ccd2c2d8072b3b7ed74a3fab7f0ac943dd396936044fb388805eb2"; got != want {
		t.Errorf("content: got %s, want %s", got, want)
	}
	if got, want := domain.BodyHash([]byte(`{"title":"Grüße"}`)), "159c9e75cac6844d3ced283f4e7edb121af467ebe6ea007ee34e5e6b83580278"; got != want {
		t.Errorf("body: got %s, want %s", got, want)
	}
}
