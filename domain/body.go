package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Salt keeps a hash from being guessed from a short text. It is erased together with the text.
type Salt [16]byte

// String returns 32 lower-case hex digits.
func (s Salt) String() string { return hex.EncodeToString(s[:]) }

// MarshalText writes 32 lower-case hex digits.
func (s Salt) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s[:]), nil }

// UnmarshalText reads 32 hex digits.
func (s *Salt) UnmarshalText(text []byte) error {
	if len(text) != 2*len(s) {
		return errors.New("a salt is 32 hex digits")
	}
	_, err := hex.Decode(s[:], text)
	return err
}

// ContentHash is lower-case hex SHA-256 over the salt's 16 bytes followed by the content's UTF-8.
func ContentHash(salt Salt, content string) string {
	buf := make([]byte, 0, 512)
	buf = append(buf, salt[:]...)
	buf = append(buf, content...)
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:])
}

// BodyHash is lower-case hex SHA-256 of a body's bytes as stored. Bodies are salted inside.
func BodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

type contentBody struct {
	Content string `json:"content"`
	Salt    Salt   `json:"salt"`
}

type userBody struct {
	Name          string    `json:"name"`
	WalletAddress *string   `json:"wallet_address"`
	Salt          Salt      `json:"salt"`
	Evidence      *Evidence `json:"evidence,omitempty"`
}

type titleBody struct {
	Title string `json:"title"`
	Salt  Salt   `json:"salt"`
}

type policyBody struct {
	Policy string `json:"policy"`
	Salt   Salt   `json:"salt"`
}

func (m *MessageSent) body() any {
	if m.Erased {
		return nil
	}
	return contentBody{m.Content, m.Salt}
}

func (m *MessageSent) setBody(raw []byte) error {
	b, err := readContent(raw)
	m.Content, m.Salt, m.Erased = b.Content, b.Salt, false
	return err
}

func (m *MessageBlocked) body() any {
	if m.Erased {
		return nil
	}
	return contentBody{m.Content, m.Salt}
}

func (m *MessageBlocked) setBody(raw []byte) error {
	b, err := readContent(raw)
	m.Content, m.Salt, m.Erased = b.Content, b.Salt, false
	return err
}

func readContent(raw []byte) (contentBody, error) {
	b, ok := readCanonicalContent(raw)
	if !ok {
		if err := json.Unmarshal(raw, &b); err != nil {
			return contentBody{}, fmt.Errorf("body: %w", err)
		}
	}
	return b, nil
}

func (u *UserRegistered) body() any {
	if u.Name == "" { // erased: every account has a name
		return nil
	}
	b := userBody{Name: u.Name, Salt: u.Salt, Evidence: u.Evidence}
	if u.WalletAddress != "" {
		b.WalletAddress = &u.WalletAddress
	}
	return b
}

func (u *UserRegistered) setBody(raw []byte) error {
	var b userBody
	if err := json.Unmarshal(raw, &b); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if b.Name == "" {
		return errors.New("body: no name")
	}
	u.Name, u.Salt, u.Evidence = b.Name, b.Salt, b.Evidence
	if b.WalletAddress != nil {
		u.WalletAddress = *b.WalletAddress
	}
	return nil
}

func (c *ConversationStarted) body() any { return titled(c.Title, c.Salt) }

func (c *ConversationStarted) setBody(raw []byte) (err error) {
	c.Title, c.Salt, err = readTitle(raw)
	return err
}

func (p *GuardPolicyInstalled) body() any {
	if p.Policy == "" {
		return nil
	}
	return policyBody{p.Policy, p.Salt}
}

func (p *GuardPolicyInstalled) setBody(raw []byte) error {
	var b policyBody
	if err := json.Unmarshal(raw, &b); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if b.Policy == "" {
		return errors.New("body: no policy")
	}
	p.Policy, p.Salt = b.Policy, b.Salt
	return nil
}

// noBody is the error of the types without an erasable part.
func noBody(t Type) error { return fmt.Errorf("a %s has no body", t) }

func (*LogCreated) body() any                   { return nil }
func (*LogCreated) setBody([]byte) error        { return noBody(TypeLogCreated) }
func (*LogKeyRotated) body() any                { return nil }
func (*LogKeyRotated) setBody([]byte) error     { return noBody(TypeLogKeyRotated) }
func (*MerkleBatchSealed) body() any            { return nil }
func (*MerkleBatchSealed) setBody([]byte) error { return noBody(TypeMerkleBatchSealed) }
func (*UserDeactivated) body() any              { return nil }
func (*UserDeactivated) setBody([]byte) error   { return noBody(TypeUserDeactivated) }
func (*ParticipantAdded) body() any             { return nil }
func (*ParticipantAdded) setBody([]byte) error  { return noBody(TypeParticipantAdded) }
func (*ParticipantLeft) body() any              { return nil }
func (*ParticipantLeft) setBody([]byte) error   { return noBody(TypeParticipantLeft) }
func (*MessageDelivered) body() any             { return nil }
func (*MessageDelivered) setBody([]byte) error  { return noBody(TypeMessageDelivered) }
func (*MessageRead) body() any                  { return nil }
func (*MessageRead) setBody([]byte) error       { return noBody(TypeMessageRead) }
func (*ContentErased) body() any                { return nil }
func (*ContentErased) setBody([]byte) error     { return noBody(TypeContentErased) }
func (*UserBlocked) body() any                  { return nil }
func (*UserBlocked) setBody([]byte) error       { return noBody(TypeUserBlocked) }
func (*UserUnblocked) body() any                { return nil }
func (*UserUnblocked) setBody([]byte) error     { return noBody(TypeUserUnblocked) }
func (*MessageJudged) body() any                { return nil }
func (*MessageJudged) setBody([]byte) error     { return noBody(TypeMessageJudged) }
func (*MessageReleased) body() any              { return nil }
func (*MessageReleased) setBody([]byte) error   { return noBody(TypeMessageReleased) }
