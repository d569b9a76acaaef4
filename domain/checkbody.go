package domain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrContentHash says that a body is not the one that the payload's hash names.
var ErrContentHash = errors.New("the body is not the one that the payload's hash names")

// ErrBody says that a body is missing, or is there where none belongs, or is not written as Encode
// writes it.
var ErrBody = errors.New("the body is not as it was written")

// BodyChecker compares bodies with the data that were decoded together with them. It keeps its
// memory from one to the next; the zero value is ready. It is for one goroutine.
type BodyChecker struct{ buf []byte }

// Check returns ErrBody or ErrContentHash for a body that is not, byte for byte, the one that was hashed
// into the payload. A message's missing body may have been erased: that is no error here.
func (c *BodyChecker) Check(d Data, body []byte) error {
	switch d := d.(type) {
	case *MessageSent:
		return c.checkContent(d.ContentHash, contentBody{d.Content, d.Salt}, body)
	case *MessageBlocked:
		return c.checkContent(d.ContentHash, contentBody{d.Content, d.Salt}, body)
	case *GuardPolicyInstalled:
		return checkPolicy(d, body)
	case *UserRegistered:
		return checkHashed(d.BodyHash, body)
	case *ConversationStarted:
		if d.BodyHash == "" && body == nil { // it has no title
			return nil
		}
		return checkHashed(d.BodyHash, body)
	case *ProjectCreated:
		return checkHashed(d.BodyHash, body)
	case *TaskCreated:
		return checkHashed(d.BodyHash, body)
	case *NotificationCreated:
		return checkHashed(d.BodyHash, body)
	case *AnnouncementMade:
		return checkHashed(d.BodyHash, body)
	}
	if body != nil {
		return fmt.Errorf("%w: %w", ErrBody, noBody(d.Type()))
	}
	return nil
}

// checkContent makes two checks, since content_hash covers what a body says and not how it is written.
func (c *BodyChecker) checkContent(hash string, says contentBody, body []byte) error {
	if body == nil {
		return nil
	}
	c.buf = append(append(c.buf[:0], says.Salt[:]...), says.Content...)
	if !isHash(hash, c.buf) {
		return ErrContentHash
	}
	c.buf, _ = says.appendJSON(c.buf[:0])
	if !bytes.Equal(c.buf, body) {
		return fmt.Errorf("%w: it says the same in other bytes", ErrBody)
	}
	return nil
}

// checkHashed is for the types whose hash covers the body's bytes.
func checkHashed(hash string, body []byte) error {
	switch {
	case hash == "":
		return fmt.Errorf("%w: no hash names one", ErrBody)
	case body == nil:
		return fmt.Errorf("%w: it is gone", ErrBody)
	case !isHash(hash, body):
		return ErrContentHash
	}
	return nil
}

// checkPolicy makes two checks, since a verdict names the policy by the hash of what the body holds.
func checkPolicy(d *GuardPolicyInstalled, body []byte) error {
	if err := checkHashed(d.BodyHash, body); err != nil {
		return err
	}
	if !isHash(d.PolicyHash, []byte(d.Policy)) {
		return fmt.Errorf("%w: it holds another policy", ErrContentHash)
	}
	return nil
}

// isHash reports whether hash is the lower-case hex SHA-256 of what.
func isHash(hash string, what []byte) bool {
	sum := sha256.Sum256(what)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:]) == hash
}
